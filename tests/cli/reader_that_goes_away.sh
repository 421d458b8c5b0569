#!/usr/bin/env bash
# `| head -1` ends the run at once, by SIGPIPE, also where the jobs that run are silent.
. "$(dirname "$0")/../lib.sh"

set +e
gentlify -j 2 sh -c 'echo $1; test $1 -le 2 || sleep 300' sh ::: 1 2 3 4 2>"$err" | head -n 1 >"$out"
status=${PIPESTATUS[0]}
set -e
((status == 141)) || fail "grouped: exit $status"
[[ -s $out ]] || fail "head got nothing"

set +e
gentlify -u -j 2 sh -c 'echo $1; test $1 -le 2 || sleep 300' sh ::: 1 2 3 4 2>"$err" | head -n 1 >"$out"
status=${PIPESTATUS[0]}
set -e
((status == 141)) || fail "inherit: exit $status"

# What was lost of the very last output counts as well.
set +e
gentlify seq ::: 1000000 2>"$err" | head -n 1 >"$out"
status=${PIPESTATUS[0]}
set -e
((status == 141)) || fail "the last output: exit $status"
