#!/usr/bin/env bash
# SIGINT drains like SIGTERM and shows as 130; a drain that leaves nothing undone is no failure.
. "$(dirname "$0")/../lib.sh"

make_gate
start gentlify -j 1 sh -c 'touch at.$1; read x <go' sh ::: 1 2
wait_for test -e at.1
kill -INT "$pid"
wait_for grep -q draining "$err"
echo >&9
expect_end 130

start gentlify -j 1 sh -c 'touch at.$1; read x <go' sh ::: 3
wait_for test -e at.3
kill -INT "$pid"
wait_for grep -q draining "$err"
echo >&9
expect_end 0
