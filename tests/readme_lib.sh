# shellcheck shell=bash
# Helpers of the scripts that run what the README and the pages in docs say, which source it after lib.sh.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# read_page FILE: the following is about this file of the repository; at first it is the README.
read_page() {
  page=$repository/$1 used=$TMPDIR/used.${1##*/}
  touch "$used"
}
read_page README.md

# block HEADING [N]: the Nth fenced block below the heading, on standard output. One that stands in a
# list is taken out of it.
block() {
  awk -v heading="$1" -v n="${2:-1}" '
    /^#+ / && !inside { here = $0 ~ /^#+ / && substr($0, index($0, " ") + 1) == heading }
    /^ *```/ { inside = !inside; match($0, /^ */); indent = RLENGTH; if (inside && here) seen++; next }
    inside && here && seen == n { print substr($0, indent + 1) }' "$page" >"$TMPDIR/block"
  [[ -s $TMPDIR/block ]] || fail "${page##*/} has no block ${2:-1} below: $1"
  use_block "$1 ${2:-1}"
  cat "$TMPDIR/block"
}

# use_block NAME: one more block was run.
use_block() { echo "$1" >>"$used"; }

# expect_all_used [SECTION...]: none of the blocks of these sections, or of the page, was left out.
expect_all_used() {
  local blocks
  blocks=$(printf '## %s\n' "$@" | awk -v all=$(($# == 0)) '
    NR == FNR { wanted[$0] = 1; next }
    /^## / && !inside { here = $0 in wanted }
    /^ *```/ { inside = !inside; if (inside && (all || here)) n++ }
    END { print n + 0 }' - "$page")
  (($(sort -u "$used" | wc -l) == blocks)) ||
    fail "${page##*/} has $blocks blocks in what should be run, and these were: $(sort -u "$used")"
}

# stand_in NAME [COMMAND]: a program that adds its name and arguments to the file $CALLS.
mkdir stand_ins
stand_in() {
  printf '#!/bin/sh\necho "%s $*" >>"$CALLS"\n%s\n' "$1" "${2:-}" >"stand_ins/$1"
  chmod +x "stand_ins/$1"
}
export CALLS=$PWD/calls PATH=$PWD/stand_ins:$PATH
