#!/usr/bin/env bash
# An attempt that takes too long is ended with all that belongs to it, and has failed.
. "$(dirname "$0")/../lib.sh"

# TERM is enough, the shell's child included.
tree='echo $$ >pids; sleep 300 & echo $! >>pids; wait'
expect_status 1 gentlify --timeout 100ms --retries 0 sh -c "$tree" sh ::: a
expect_stderr_matches '^gentlify: failed: job 1: .*: timeout after 0\.1s$'
for pid in $(<pids); do ! is_alive "$pid" || fail "process $pid is still alive"; done

# It is a failure like any other: the job runs again.
expect_status 0 gentlify --timeout 1s sh -c '[ -e again ] || { touch again; exec sleep 300; }' sh ::: a
expect_stderr_matches '2 attempts'

# One that does not heed TERM is killed when its grace is over; one that is quick is not touched.
deaf='trap "" TERM; echo $$ >deaf.pid; while :; do sleep 1; done'
expect_status 1 gentlify -j 2 --timeout 100ms --kill-grace 100ms --retries 0 -I % sh -c % ::: \
  "$deaf" 'echo quick'
expect_stdout quick
! is_alive "$(<deaf.pid)" || fail "the deaf job is still alive"

# What a job said before that still counts.
expect_status 1 gentlify --timeout 100ms --overload-retries 0 --report \
  sh -c 'echo overload >&7; sleep 300' sh ::: a
expect_stderr_matches 'timeout after 0\.1s'
