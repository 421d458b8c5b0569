#!/usr/bin/env bash
# Without a terminal: milestones, not closer than a second apart, and a summary of one line.
. "$(dirname "$0")/../lib.sh"

seq 1000 >items
expect_status 0 gentlify -j 4 --controller fixed true <items
expect_stderr_matches '^gentlify: 1000 jobs in .* \([0-9.]+/s\): 1000 ok$'
(($(wc -l <"$err") <= 15)) || fail "$(wc -l <"$err") lines for a quiet run"

# As many where it takes its time, at a rate, and in the log of CI: each a line of its own.
CI=true expect_status 0 gentlify -j 4 --controller fixed --rate 200/s true <items
(($(wc -l <"$err") <= 15)) || fail "$(wc -l <"$err") lines for a quiet run"
! grep -qvE '^gentlify: ([0-9]+% [0-9]+/1000 · [0-9]+ ok · [0-9]+ running, limit 4( · [0-9.]+/s)?( · [<0-9.m ]+s left( \(±[<0-9.m ]+s\))?)?|waited for: .*|1000 jobs in .*)$' "$err" ||
  fail "not a readable log"
! grep -q $'[\e\r]' "$err" || fail "a log has no escape sequences"

expect_status 0 gentlify -q true <items
[[ ! -s $err ]] || fail "-q is not quiet"
expect_status 0 gentlify --progress none true ::: a
(($(wc -l <"$err") == 1)) || fail "--progress none leaves the summary alone"

# SIGUSR1 tells the state at any time; the total of a pipe is known once its end has been seen.
make_gate
start gentlify -j 1 sh -c 'touch at.$1; read x <go' sh < <(seq 4)
wait_for test -e at.1
asked_for_percent() { kill -USR1 "$pid" && grep -q '% ' "$err"; }
wait_for asked_for_percent
expect_stderr_matches '^gentlify: 0% 0/4 · 0 ok · 1 running, limit 1$'
for next in 2 3 4; do
  echo >&9
  wait_for test -e at.$next
done
echo >&9
expect_end 0

# For programs each line is JSON: notes, how the run stands, and how it stood in the end.
expect_status 1 gentlify --progress json -j 2 --controller fixed \
  sh -c 'sleep 0.2; [ $1 != 9 ] || exit 64' sh ::: {1..30}
! grep -qvE '^\{"t":"(note|progress|end)",.*\}$' "$err" || fail "a line is not JSON"
grep '"t":"progress"' "$err" | head -n 1 >first
grep -q '"done":0,.*"phase":"running"' first || fail "the first line is not of the beginning"
expect_stderr_matches '^\{"t":"progress","ok":[1-9].*,"total":30,.*,"eta":[0-9.]+,"eta_spread":[0-9.]+,"gate":'
expect_stderr_matches '^\{"t":"end","ok":29,"failed":1,"retrying":0,"falling_back":0,"done":30,"total":30,"running":0,"limit":2,'
expect_stderr_matches '^\{"t":"note","text":"30 jobs in .*: 29 ok, 1 failed"\}$'
seconds=$(sed -nE '/"t":"end"/ s/.*"elapsed":([0-9]+).*/\1/p' "$err")
(($(grep -c '"t":"progress"' "$err") <= seconds + 2)) || fail "more than one line a second"
