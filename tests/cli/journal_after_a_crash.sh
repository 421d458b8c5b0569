#!/usr/bin/env bash
# --journal: of a run that was killed only what was not done runs again, however often that happens.
. "$(dirname "$0")/../lib.sh"
make_gate

seq 6 >list
run=(gentlify -j 1 --journal run -a list sh -c 'echo "$1 $GENTLIFY_ATTEMPT" >>ran; read x <go' sh)
runs() { grep -qsx "$1 1" ran && (($(wc -l <ran) == $2)); }
start "${run[@]}"
for killed in 1 2 3; do
  wait_for runs "$killed" $((killed * 2 - 1))
  echo >&9
  wait_for runs $((killed + 1)) $((killed * 2))
  kill_run
  start gentlify --resume "${run[@]:1}"
done
printf '\n\n\n\n' >&9
expect_end 0
expect_stderr_matches '^gentlify: going on with the run in run: 3 jobs done, 1 begun and not finished$'
[[ $(uniq -c ran | awk '{ print $1, $2 }' | paste -sd ' ') == '1 1 2 2 2 3 2 4 1 5 1 6' ]] || fail "these ran: $(<ran)"
