#!/usr/bin/env bash
# A journal that is cut is completed; one that is changed is refused, until it is repaired. These
# are some of the places; tests/fault/journal_all goes through all of them.
. "$(dirname "$0")/../lib.sh"

[[ -e $BUILD/libjournal_shim.so ]] || skip "this build has no libjournal_shim.so"
command -v python3 >/dev/null || skip "python3 is not installed"

"$(dirname "$0")/journal_all" --some 40 damage tails >"$out" 2>"$err" || fail "see above"
