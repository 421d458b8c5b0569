#!/usr/bin/env bash
# SIGUSR2 holds all starts until it comes again.
. "$(dirname "$0")/../lib.sh"

make_gate
start gentlify -j 1 sh -c 'touch at.$1; read x <go' sh ::: 1 2
wait_for test -e at.1
kill -USR2 "$pid"
wait_for grep -q paused "$err"
echo >&9
asked_for_pause() { kill -USR1 "$pid" && grep -q '50% 1/2 .* 0 running, limit 1 · paused' "$err"; }
wait_for asked_for_pause
[[ ! -e at.2 ]] || fail "a job started during the pause"
kill -USR2 "$pid"
wait_for test -e at.2
echo >&9
expect_end 0
expect_stderr_matches '^gentlify: waited for: .*pause '
