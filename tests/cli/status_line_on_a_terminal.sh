#!/usr/bin/env bash
# On a terminal one line is redrawn below the output, no wider than the terminal, and taken away at
# the end; output of jobs stands on lines of its own.
. "$(dirname "$0")/../lib.sh"

# draw COLUMNS COMMAND: runs it on a terminal of that width; what was drawn, one state a line, is in
# `drawn`.
draw() {
  printf 'stty cols %d\n%s\n' "$1" "$2" >session
  script -qec 'bash session' typescript >"$out" </dev/null
  tr '\r' '\n' <typescript | sed 's/\x1b\[J//g; s/\x1b\[[0-9]*m//g; /^$/d' >drawn
}

# expect_drawn REGEX: it was drawn at some time.
expect_drawn() {
  grep -qE -e "$1" drawn || { cat drawn && fail "this was never drawn: $1"; }
}

for columns in 24 44 80 200; do
  draw $columns "seq 12 | gentlify -j 1 --controller fixed sh -c 'sleep 0.1; printf \"job \$1\"' sh"
  expect_drawn '[0-9]+% [0-9]+/12'
  while IFS= read -r line; do
    ((${#line} < columns)) || fail "a line of ${#line} columns on a terminal of $columns: $line"
  done < <(grep -E '[0-9]+% [0-9]+/12' drawn)
  grep -q '^job 1$' drawn || fail "output shares its line with the status line"
  grep -q '^gentlify: 12 jobs in .*: 12 ok$' drawn || fail "no summary"
  [[ $(tail -n 2 drawn) != *%* ]] || fail "the status line was left behind"
done
expect_drawn '^█+[▏▎▍▌▋▊▉]?░+ 50% 6/12 · 6 ok · 1/1 running · [0-9.]+/s · [0-9.m]+s left ±'

# In 40 columns there is still room for what matters.
draw 40 "seq 12 | gentlify -j 1 --retries 0 --controller fixed sh -c 'sleep 0.1; [ \$1 != 3 ]' sh || true"
expect_drawn '^[0-9]+% [0-9]+/12 · 1 failed · [0-9.m]+s left'

# What the next start waits for counts down.
draw 80 "seq 3 | gentlify --rate 10/12s true"
expect_drawn ' · waiting: rate 1\.[01]s'
expect_drawn ' · waiting: rate 0\.[1-9]s'

# Colour as it was asked for, and ASCII alone where the locale has no more.
draw 80 'gentlify -j 1 --retries 0 --controller fixed sh -c "sleep 0.2; false" ::: 1 2 || true'
grep -q $'\e\[31m[0-9] failed' typescript || fail "no colour"
draw 80 'NO_COLOR=1 gentlify -j 1 --retries 0 sh -c "sleep 0.2; false" ::: 1 2 || true'
expect_drawn '1 failed'
! grep -q $'\e\[[0-9]*m' typescript || fail "colour although NO_COLOR is set"
draw 80 'LC_ALL=C gentlify -j 1 --color never sleep ::: 0.2 0.2'
expect_drawn '^\[#+-+\] 50% 1/2 \| 1 ok \| 1/1 running'

# In the background nothing is drawn, not even to take the line away.
draw 80 'set -m; gentlify -j 1 sleep ::: 0.3 0.3 & wait'
! grep -q '%' drawn || fail "a status line was drawn in the background"

# Not where CI is set, and not in the way of output that goes elsewhere.
script -qec 'CI=true bash session' typescript >"$out" </dev/null
! grep -q $'\e' typescript || fail "escape sequences although CI is set"
script -qec 'seq 3 | gentlify -j 1 echo >file' typescript >"$out" </dev/null
[[ $(<file) == $'1\n2\n3' ]] || fail "output is not as expected"

# Nor where others write on the terminal: jobs themselves, or who reads our output.
for command in 'gentlify -u -j 1 echo ::: 1 2' 'gentlify -j 1 echo ::: 1 2 | cat'; do
  script -qec "$command" typescript >"$out" </dev/null
  ! grep -q $'\e' typescript || fail "a status line is drawn with: $command"
done
