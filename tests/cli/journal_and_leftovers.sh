#!/usr/bin/env bash
# --resume: while something lives that a killed run has started, its jobs do not run a second time.
. "$(dirname "$0")/../lib.sh"
make_gate

# The first attempt leaves a process of its own session; a crash does not reach it.
job='if [ -e own ]; then exit; fi
  setsid sh -c "echo \$\$ >own; read x <go" </dev/null >/dev/null 2>&1 & wait'
run=(sh -c "$job" sh ::: 1)
start gentlify --journal run "${run[@]}"
wait_for test -s own
kill_run
own=$(<own)
trap 'kill -KILL "$own"' EXIT
expect_status 75 gentlify --resume --journal run "${run[@]}"
expect_stderr_matches "^gentlify: --journal run: processes that its run has started are still alive \(pid $own\); end them, or try again when they have ended$"
is_alive "$own" || fail "it was ended"
echo >&9
wait_for is_gone "$own"
expect_status 0 gentlify --resume --journal run "${run[@]}"

# With --leftover keep that is how it is meant.
rm own
start gentlify --leftover keep --journal kept "${run[@]}"
wait_for test -s own
kill_run
own=$(<own)
expect_status 0 gentlify --resume --leftover keep --journal kept "${run[@]}"
is_alive "$own" || fail "it was ended"
