#!/usr/bin/env bash
# The token budget is settled with what jobs say they cost: more makes others wait, less does not.
. "$(dirname "$0")/../lib.sh"
budget=(-j 1 --token-budget 10/1h --cost 4)

# At their estimate of 4 a third job would not fit; they cost less.
expect_status 0 gentlify "${budget[@]}" --report sh -c 'echo cost 1 >&$GENTLIFY_REPORT_FD' sh ::: 1 2 3 4 5
expect_status 0 gentlify "${budget[@]}" --cost-match 'tokens: ([0-9]+)' \
  sh -c 'echo "tokens: 0, tokens: 1" >&2' sh ::: 1 2 3 4 5

# The first job has cost it all, in two calls, and failed: the second one waits.
start gentlify "${budget[@]}" --retries 0 --report sh -c '
  printf "cost 5\ncost 5\n" >&$GENTLIFY_REPORT_FD
  echo $1 >>started
  exit 1' sh ::: 1 2
has_failed() { kill -USR1 "$pid" && grep -q '1 failed' "$err"; }
wait_for test -s started
wait_for has_failed
kill -TERM "$pid"
expect_end 143
[[ $(<started) == 1 ]] || fail "the second job has started"
