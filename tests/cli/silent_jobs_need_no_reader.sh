#!/usr/bin/env bash
# Jobs that write nothing do not need a reader of their output.
. "$(dirname "$0")/../lib.sh"

set +e
gentlify -q -j 1 sh -c 'sleep 0.2; touch done.$1' sh ::: 1 2 3 2>"$err" | true
status=${PIPESTATUS[0]}
set -e
((status == 0)) || fail "exit $status"
[[ -e done.3 ]] || fail "a job was not run"
