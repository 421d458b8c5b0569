#!/usr/bin/env bash
# A third signal kills at once, whatever the grace; QUIT does so at any time.
. "$(dirname "$0")/../lib.sh"

deaf='trap "" TERM INT; echo $$ >pid.$1; sleep 300; sleep 300'
start gentlify --kill-grace 1h sh -c "$deaf" sh ::: a
wait_for test -s pid.a
kill -TERM "$pid"
wait_for grep -q draining "$err"
kill -INT "$pid"
wait_for grep -q stopping "$err"
kill -HUP "$pid"
expect_end 129
expect_stderr_matches '^gentlify: killing 1 running job$'
! is_alive "$(<pid.a)" || fail "the job is still alive"

start gentlify sh -c "$deaf" sh ::: b
wait_for test -s pid.b
kill -QUIT "$pid"
expect_end 131
! is_alive "$(<pid.b)" || fail "the job is still alive"
# QUIT shows the state before it ends everything.
expect_stderr_matches '^gentlify: 0% 0/1 · 0 ok · 1 running'
