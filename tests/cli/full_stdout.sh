#!/usr/bin/env bash
# Where stdout cannot be written: one sentence, exit 74, nothing more starts.
. "$(dirname "$0")/../lib.sh"

seq 1000 >items
status=0
gentlify -j 1 sh -c 'echo $1; echo >>ran' sh <items >/dev/full 2>"$err" || status=$?
((status == 74)) || fail "full: exit $status"
expect_stderr_matches '^gentlify: standard output cannot be written \(No space left on device\)'
(($(wc -l <ran) <= 2)) || fail "$(wc -l <ran) jobs ran"

# The very last write counts as well.
status=0
gentlify -j 1 seq ::: 100000 >/dev/full 2>"$err" || status=$?
((status == 74)) || fail "the last write: exit $status"

rm ran
status=0
gentlify -j 1 sh -c 'echo $1; echo >>ran' sh <items >&- 2>"$err" || status=$?
((status == 74)) || fail "closed: exit $status"
expect_stderr_matches '^gentlify: standard output cannot be written \(Bad file descriptor\)'
[[ ! -e ran ]] || fail "a job ran"
(($(grep -c 'cannot be written' "$err") == 1)) || fail "said more than once"
