#!/usr/bin/env bash
# A disk that fills, or loses its power, costs no more than what was promised. These are some of the
# moments; tests/fault/journal_all goes through more of them.
. "$(dirname "$0")/../lib.sh"

[[ -e $BUILD/libjournal_shim.so ]] || skip "this build has no libjournal_shim.so"
command -v python3 >/dev/null || skip "python3 is not installed"
((EUID == 0)) || skip "it takes root to mount a file system"
unshare --mount true 2>/dev/null || skip "no mount namespaces here"

"$(dirname "$0")/journal_all" --some 1 small_disk power >"$out" 2>"$err" || fail "see above"
