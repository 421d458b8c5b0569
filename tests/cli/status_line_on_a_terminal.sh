#!/usr/bin/env bash
# On a terminal one line is redrawn below the output, no wider than the terminal, and taken away at
# the end; output of jobs stands on lines of its own.
. "$(dirname "$0")/../lib.sh"

cat >session <<'END'
stty cols 44
seq 12 | gentlify -j 1 --controller fixed sh -c 'sleep 0.1; printf "job $1"' sh
END
script -qec 'bash session' typescript >"$out" </dev/null
tr -d '\r' <typescript | sed 's/\x1b\[K/\n/g' >drawn
grep -q '^gentlify: [0-9]*% [0-9]*/12 · ' drawn || fail "no status line was drawn"
grep '^gentlify: [0-9]*%' drawn | while IFS= read -r line; do
  ((${#line} < 44)) || fail "a line of ${#line} columns: $line"
done
grep -q '^job 1$' drawn || fail "output shares its line with the status line"
grep -q '^gentlify: 12 jobs in .*: 12 ok$' drawn || fail "no summary"
[[ $(tail -n 2 drawn) != *%* ]] || fail "the status line was left behind"

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
