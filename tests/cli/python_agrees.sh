#!/usr/bin/env bash
# Hostile tables and JSON lines are read as Python's csv and json read them; what is meant to differ
# is listed in tests/vectors/python_agrees.py.
. "$(dirname "$0")/../lib.sh"
vectors=$(dirname "$0")/../vectors

[[ -x $BUILD/dump_items ]] || skip "this build has no dump_items"
[[ -x /usr/bin/python3 ]] || skip "python3 is not installed"
/usr/bin/python3 "$vectors/hostile_items.py" . >"$out"
while read -r form count; do
  ((count >= 200)) || fail "only $count files in $form"
  "$BUILD/dump_items" "$form" "$form"/* >dump || fail "dump_items $form: exit $?"
  /usr/bin/python3 "$vectors/python_agrees.py" "$form" <dump >"$err" || fail "$form: not as Python reads it"
done <"$out"
