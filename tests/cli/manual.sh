#!/usr/bin/env bash
# There is a manual for each verb; all are clean mdoc, fit 80 columns and lead to each other, and
# between them they name every flag.
. "$(dirname "$0")/../lib.sh"

command -v mandoc >/dev/null || skip "there is no mandoc"

# flags_of [VERB]: those that its help lists.
flags_of() {
  "$GENTLIFY" "$@" --help | grep -oE '^  -[^ ]+(, -[^ ]+)*' | grep -oE -e '-[-a-zA-Z0]+' || true
}

for verb in '' check ctl presets push report simulate; do
  page=gentlify${verb:+-$verb}.1
  manual=$BUILD/$page
  [[ -s $manual ]] || fail "the build has made no $page"
  ! grep -q '@[A-Z_]*@' "$manual" || fail "a mark was not replaced in $page"
  expect_status 0 mandoc -Tlint -Wwarning "$manual"
  expect_status 0 mandoc -Tascii "$manual"
  col -bx <"$out" >text
  : >"$out"
  awk 'length > 80' text >wide
  [[ ! -s wide ]] || fail "$page does not fit 80 columns: $(<wide)"
  # A command that is filled into two lines cannot be copied.
  sed -n 's/\\&//g; s/\\e/\\/g; s/^\.Dl //p' "$manual" | awk 'length > 67' >wide
  [[ ! -s wide ]] || fail "examples in $page do not fit their line: $(<wide)"
  for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
    grep -qx "$section" text || fail "$page has no section $section"
  done
  for flag in $(flags_of $verb); do
    # The flags of every verb are in the first manual.
    [[ $verb != simulate ]] || ! grep -qx -e "$flag" main_flags || continue
    grep -qE -e "(^|[ ,|\[])$flag([] ,|]|\$)" text || fail "$page does not name $flag"
  done
  if [[ -z $verb ]]; then
    flags_of >main_flags
    cp text main
    (($(wc -l <main_flags) > 50)) || fail "--help lists no flags"
  else
    grep -q "gentlify-$verb(1)" main || fail "the first manual does not lead to $page"
    grep -q 'gentlify(1)' text || fail "$page does not lead back"
  fi
done
