#!/usr/bin/env bash
# Without a terminal: milestones, not closer than a second apart, and a summary of one line.
. "$(dirname "$0")/../lib.sh"

seq 1000 >items
expect_status 0 gentlify -j 4 --controller fixed true <items
expect_stderr_matches '^gentlify: 1000 jobs in .* \([0-9.]+/s\): 1000 ok$'
(($(wc -l <"$err") <= 15)) || fail "$(wc -l <"$err") lines for a quiet run"

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
