#!/usr/bin/env bash
# Where `xargs -n 1 -P 4` stood: each line is one argument of one run of the command.
. "$(dirname "$0")/../lib.sh"

seq 100 >items
expect_status 0 gentlify -j 4 echo item <items
sort -V -o "$out" "$out"
seq 100 | sed 's/^/item /' | expect_stdout

expect_status 0 gentlify -j 1 printf '[%s]\n' <<'END'
two words
  leading and trailing  
"quotes" 'and' \backslashes

after an empty line
END
expect_stdout '[two words]' '[  leading and trailing  ]' "[\"quotes\" 'and' \\backslashes]" \
  '[after an empty line]'
