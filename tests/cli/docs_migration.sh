#!/usr/bin/env bash
# In the page for those who come from xargs and parallel, each line does what the one beside it does:
# it calls the same, and prints the same. What it names as options of gentlify are some.
. "$(dirname "$0")/../lib.sh"
page=$(dirname "$0")/../../docs/migration.md

mkdir bin && export PATH=$PWD/bin:$PATH CALLS=$PWD/calls
cat >bin/cmd <<'STAND_IN'
#!/bin/sh
input=
if [ "$READS" ]; then input=$(paste -sd ' '); fi
call="$(printf '<%s>' "$@") $input"
echo "$call" >>"$CALLS"
echo "called: $call"
STAND_IN
chmod +x bin/cmd

# calls_of COMMAND: what it calls, in an empty directory, and what it prints; with -k in its order.
calls_of() {
  rm -rf work && mkdir work && : >"$CALLS"
  (cd work && seq 5 >list && printf 'x,y\n1,2\n' >table && printf 'cmd %s\n' 1 2 >commands &&
    GENTLIFY_QUIET=true expect_status 0 bash -c "$1" <list)
  sort "$CALLS" # there is none with --dry-run
  if [[ $1 == *' -k '* ]]; then cat "$out"; else sort "$out"; fi
}

# expect_pairs LEAST: the lines of a table on standard input, in pairs.
expect_pairs() {
  local rows=0 old new
  while IFS='|' read -r _ old new _; do
    old=$(cut -d '`' -f 2 <<<"$old") new=$(cut -d '`' -f 2 <<<"$new")
    rows=$((rows + 1))
    READS=$(grep -oE -e '--(pipe|stdin-item)' <<<"$old" || true)
    export READS
    calls_of "$new" >new
    [[ -s new ]] || fail "nothing was called or printed: $new"
    # Another program has the name of rush in Debian.
    if [[ $old == rush* ]] || ! command -v "${old%% *}" >/dev/null; then continue; fi
    if [[ $old == *--csv* ]] && ! perl -MText::CSV -e 1 2>/dev/null; then continue; fi
    calls_of "$old" >old
    diff -u old new || fail "not the same: $old, $new"
  done
  ((rows >= $1)) || fail "a table has only $rows rows"
}
table() { sed -n "/^| $1/,/^\$/p" "$page" | grep '^| `'; }
expect_pairs 30 < <(table 'you typed')
expect_pairs 10 < <(table 'rush | gentlify')

expect_status 0 gentlify --help
cp "$out" help
options=$(sed -n '/^| | xargs/,/^$/p' "$page" | grep '`' | awk -F '|' '{ print $(NF - 1) }' | grep -oE -e '`--?[a-z0P-]+' |
  tr -d '`')
(($(wc -l <<<"$options") > 25)) || fail "few options are named: $options"
for option in $options; do
  grep -qE -e "(^| )$option([ ,]|\$)" help || fail "there is no option $option"
done

# What the page says of output, retries and exit codes.
expect_status 1 gentlify --retries 0 false ::: 1 2
expect_status 123 xargs -n 1 false <<<'1 2'
if command -v parallel >/dev/null; then expect_status 2 parallel false ::: 1 2; fi
printf 'a  "b"\n\nc\n' | expect_status 0 gentlify -k printf '<%s>\n'
expect_stdout '<a  "b">' '<c>'

command -v parallel >/dev/null || skip "there is no parallel: its lines have not been run"
