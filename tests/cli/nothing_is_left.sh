#!/usr/bin/env bash
# After the run nothing of it is alive, however its jobs have hidden themselves.
. "$(dirname "$0")/../lib.sh"

# all_gone: none of the processes whose numbers were written to `pids` is alive.
all_gone() {
  local process
  for process in $(<pids); do
    if is_alive "$process"; then return 1; fi
  done
}

# A child in the background, a session of its own, one that ignores TERM, and a double fork.
hide='
  sleep 300 & echo $! >>pids
  setsid sh -c "echo \$\$ >>pids; exec sleep 300" &
  (trap "" TERM; exec sh -c "echo \$\$ >>pids; sleep 300; sleep 300") &
  (setsid sh -c "sh -c \"echo \\\$\\\$ >>pids; exec sleep 300\" & exit" &)
  while [ $(wc -l <pids) -lt 4 ]; do sleep 0.01; done'
expect_status 0 gentlify sh -c "$hide" sh ::: a
(($(wc -l <pids) == 4)) || fail "the job did not start its four processes"
all_gone || fail "something is alive after the run"

# They go while the run goes on: the other job waits for that, and ends only then.
rm pids
wait_gone='
  until [ -s pids ]; do sleep 0.01; done; read process <pids
  while kill -0 $process 2>/dev/null; do sleep 0.01; done'
expect_status 0 gentlify -j 2 --controller fixed -I % sh -c % ::: \
  'setsid sh -c "echo \$\$ >>pids; exec sleep 300" & exit 0' "$wait_gone"

# --leftover wait: the run ends when they have. keep: they live on.
expect_status 0 gentlify --leftover wait sh -c '(sleep 0.3; echo waited >late) >&- 2>&- & exit 0' sh ::: a
[[ -s late ]] || fail "the run has not waited"
rm pids
expect_status 0 gentlify --leftover keep sh -c 'sleep 300 >&- 2>&- & echo $! >pids' sh ::: a
is_alive "$(<pids)" || fail "what was to be kept is gone"
kill "$(<pids)"
