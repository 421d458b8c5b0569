#!/usr/bin/env bash
# A journal that cannot be written, or synced, ends the run in order. These are some of the places;
# tests/fault/journal_all goes through all of them.
. "$(dirname "$0")/../lib.sh"

[[ -e $BUILD/libjournal_shim.so ]] || skip "this build has no libjournal_shim.so"
command -v python3 >/dev/null || skip "python3 is not installed"

"$(dirname "$0")/journal_all" --some 4 errors calls >"$out" 2>"$err" || fail "see above"
