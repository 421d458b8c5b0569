#!/usr/bin/env bash
# INT, HUP and QUIT that are ignored when we start stay ignored, for us and for our jobs.
. "$(dirname "$0")/../lib.sh"

make_gate
(trap '' INT HUP; exec gentlify -j 1 sh -c 'touch at.$1; read x <go; grep SigIgn /proc/$$/status' sh ::: 1) >"$out" 2>"$err" &
pid=$!
wait_for test -e at.1
kill -INT "$pid"
kill -HUP "$pid"
kill -USR1 "$pid"
wait_for grep -q '1 running' "$err"
echo >&9
expect_end 0
! grep -q draining "$err" || fail "it drained"
[[ $(cut -f 2 "$out") == 0000000000000003 ]] || fail "the job does not ignore them"
