#!/usr/bin/env bash
# A drain that takes too long becomes a stop.
. "$(dirname "$0")/../lib.sh"

start gentlify --drain-timeout 100ms sh -c 'echo $$ >pid.$1; sleep 300' sh ::: a b
wait_for test -s pid.a
kill -TERM "$pid"
expect_end 143
expect_stderr_matches '^gentlify: draining: '
expect_stderr_matches '^gentlify: stopping '
! is_alive "$(<pid.a)" || fail "the job is still alive"
