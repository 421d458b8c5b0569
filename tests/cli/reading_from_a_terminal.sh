#!/usr/bin/env bash
# Where the items are to be typed, gentlify says so.
. "$(dirname "$0")/../lib.sh"

printf 'one\ntwo\n\004' | script -qec 'gentlify -j 1 echo item' typescript >"$out"
grep -q 'reading items from the terminal' typescript || fail "not said"
grep -q 'item two' typescript || fail "the items were not run"
