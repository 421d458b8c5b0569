#!/usr/bin/env bash
# The manuals are clean mdoc, and the first names every flag of --help.
. "$(dirname "$0")/../lib.sh"

command -v mandoc >/dev/null || skip "there is no mandoc"
manual=$BUILD/gentlify.1
[[ -s $manual ]] || fail "the build has made no manual"

expect_status 0 mandoc -Tlint -Wwarning "$manual"
expect_status 0 mandoc -Tlint -Wwarning "$BUILD/gentlify-simulate.1"
expect_status 0 mandoc -Tlint -Wwarning "$BUILD/gentlify-report.1"
expect_status 0 mandoc -Tascii "$manual"
col -b <"$out" >"$TMPDIR/text"
expect_status 0 "$GENTLIFY" --help
"$GENTLIFY" simulate --help >>"$out"
flags=$(grep -oE '^  -[^ ]+(, -[^ ]+)*' "$out" | grep -oE -e '-[-a-zA-Z0]+')
(($(wc -l <<<"$flags") > 50)) || fail "--help lists no flags"
for flag in $flags; do
  grep -qE -e "(^|[ ,])$flag([ ,]|\$)" "$TMPDIR/text" || fail "the manual does not name $flag"
done
if grep -q '@[A-Z_]*@' "$manual" "$BUILD"/gentlify-{simulate,report}.1; then fail "a mark was not replaced"; fi
