# shellcheck shell=bash
# Helpers of the scripts that run what the README says, which source it after lib.sh.
readme=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/README.md
: >"$TMPDIR/used"

# block HEADING [N]: the Nth fenced block below the heading, on standard output.
block() {
  awk -v heading="### $1" -v n="${2:-1}" '
    /^##/ && !inside { here = $0 == heading }
    /^```/ { inside = !inside; if (inside && here) seen++; next }
    inside && here && seen == n' "$readme" >"$TMPDIR/block"
  [[ -s $TMPDIR/block ]] || fail "the README has no block ${2:-1} below: $1"
  echo "$1 ${2:-1}" >>"$TMPDIR/used"
  cat "$TMPDIR/block"
}

# expect_all_used SECTION: none of its blocks was left out.
expect_all_used() {
  local blocks used
  blocks=$(awk -v section="## $1" '
    /^## / && !inside { here = $0 == section }
    /^```/ { inside = !inside; if (inside && here) n++ }
    END { print n + 0 }' "$readme")
  used=$(sort -u "$TMPDIR/used")
  (($(wc -l <<<"$used") == blocks)) || fail "$1 has $blocks blocks, and these were run: $used"
}

# stand_in NAME [COMMAND]: a program that adds its name and arguments to the file $CALLS.
mkdir stand_ins
stand_in() {
  printf '#!/bin/sh\necho "%s $*" >>"$CALLS"\n%s\n' "$1" "${2:-}" >"stand_ins/$1"
  chmod +x "stand_ins/$1"
}
export CALLS=$PWD/calls PATH=$PWD/stand_ins:$PATH
