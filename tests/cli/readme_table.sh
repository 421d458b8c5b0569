#!/usr/bin/env bash
# In the README's table of xargs and parallel, each line does what the one beside it does.
. "$(dirname "$0")/../lib.sh"

mkdir bin && export PATH=$PWD/bin:$PATH CALLS=$PWD/calls
cat >bin/cmd <<'STAND_IN'
#!/bin/sh
input=
if [ "$READS" ]; then input=$(paste -sd ' '); fi
echo "$(printf '<%s>' "$@") $input" >>"$CALLS"
STAND_IN
chmod +x bin/cmd

# calls_of COMMAND: what it calls, in an empty directory, on standard output.
calls_of() {
  rm -rf work && mkdir work && : >"$CALLS"
  (cd work && seq 5 >list && printf 'x,y\n1,2\n' >table && printf 'cmd %s\n' 1 2 >commands &&
    GENTLIFY_QUIET=true expect_status 0 bash -c "$1" <list)
  sort "$CALLS" # there is none with --dry-run
}

rows=0
while IFS='|' read -r _ old new _; do
  old=$(cut -d '`' -f 2 <<<"$old") new=$(cut -d '`' -f 2 <<<"$new")
  rows=$((rows + 1))
  READS=$(grep -oE -e '--(pipe|stdin-item)' <<<"$old" || true)
  export READS
  calls_of "$new" >new
  if [[ $new != *dry-run* && ! -s new ]]; then fail "no call: $new"; fi
  if ! command -v "${old%% *}" >/dev/null; then continue; fi
  if [[ $old == *--csv* ]] && ! perl -MText::CSV -e 1 2>/dev/null; then continue; fi
  calls_of "$old" >old
  diff -u old new || fail "not the same: $old, $new"
done < <(sed -n '/^| you typed/,/^$/p' "$(dirname "$0")/../../README.md" | grep '^| `')
((rows > 20)) || fail "the table has only $rows rows"
