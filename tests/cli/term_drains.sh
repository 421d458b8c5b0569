#!/usr/bin/env bash
# SIGTERM: nothing more starts, what runs finishes with all its output, and we die of the signal.
. "$(dirname "$0")/../lib.sh"

seq 20 >items
make_gate
start gentlify -j 2 --controller fixed sh -c 'echo begin $1; touch at.$1; read x <go; echo end $1' sh <items
wait_for test -e at.1 -a -e at.2
kill -TERM "$pid"
wait_for grep -q draining "$err"
expect_stderr_matches '^gentlify: draining: 2 running, 18 not started; interrupt again to stop them$'
printf '\n\n' >&9
expect_end 143
sort -o "$out" "$out"
expect_stdout 'begin 1' 'begin 2' 'end 1' 'end 2'
expect_stderr_matches '^gentlify: 20 jobs in .*: 2 ok, 18 not started$'
[[ ! -e at.3 ]] || fail "a job was started after the signal"
