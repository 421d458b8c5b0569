#!/usr/bin/env bash
# Whatever an item is, it arrives byte for byte, or that job alone fails.
. "$(dirname "$0")/../lib.sh"

mkdir got
printf '%s\0' '$(id)' '`id`' "it's \"quoted\"" -rf --help $'two\nlines' $'\xff\xfe' $'\e[2J' '' ' ' '*' \
  '{}' 'a\b' '%s%n' '~' '#' '!' $'\t' >items
head -c 131071 /dev/zero | tr '\0' x >>items
printf '\0' >>items
head -c 131072 /dev/zero | tr '\0' y >>items
printf '\0last' >>items
count=$(($(tr -dc '\0' <items | wc -c) + 1))
expect_status 1 gentlify -0 -j 2 --retries 0 sh -c 'printf "%s" "$2" >got/$1' sh {#} {} <items
(($(ls got | wc -l) == count - 1)) || fail "$(ls got | wc -l) items of $count arrived"
i=0
while IFS= read -r -d '' item || [[ -n $item ]]; do
  i=$((i + 1))
  [[ -e got/$i ]] || continue
  printf '%s' "$item" | cmp - "got/$i" || fail "item $i is not what it was"
done <items
[[ ! -e got/$((count - 1)) && -e got/$count ]] || fail "another item than the long one failed"
expect_stderr_matches "^gentlify: failed: job $((count - 1)): .*131072 bytes"
! grep -q $'\e' "$err" || fail "an escape sequence reached stderr"
