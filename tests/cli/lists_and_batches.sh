#!/usr/bin/env bash
# Several lists, linked lists, several items for a job, items on standard input, a shuffle.
. "$(dirname "$0")/../lib.sh"

expect_status 0 gentlify -k echo {2}{1} ::: a b ::: 1 2
expect_stdout 1a 2a 1b 2b
expect_status 0 gentlify -k printf '<%s>' ::: 'a b' c :::+ 1 2
[[ $(<"$out") == '<a b><1><c><2>' ]] || fail "a list's value is a word"
expect_status 0 gentlify -k ::: 'echo a' 'echo b' ::: x
expect_stdout 'a x' 'b x'
expect_status 0 gentlify echo ::: a ::: # no item, no job
expect_stdout </dev/null
expect_status 64 gentlify echo ::: a b :::+ 1
expect_stderr_matches 'lists that are linked must be of one length$'
expect_status 64 gentlify echo '{3}' ::: a ::: b

seq 5 | expect_status 0 gentlify -k -n 2 echo
expect_stdout '1 2' '3 4' 5
seq 5 | expect_status 0 gentlify -k -n 2 printf '<%s>' {} . x{}
[[ $(<"$out") == '<1><2><.><x1 2><3><4><.><x3 4><5><.><x5>' ]] || fail "words of a batch: $(<"$out")"
seq 100000 | expect_status 0 gentlify -k -n 1000000 echo
tr ' ' '\n' <"$out" | cmp - <(seq 100000) || fail "an item is lost"
expect_status 0 gentlify -k -n 2 echo ::: 'a  b' c d
expect_stdout 'a  b c' d
expect_status 64 gentlify -n 2 </dev/null
expect_stderr_matches '^gentlify: --max-items needs a COMMAND$'

expect_status 0 gentlify -k --stdin-item cat ::: 'a b' ''
[[ $(<"$out") == 'a b' ]] || fail "not the item's bytes"
head -c 600000 /dev/zero | tr '\0' x >large
expect_status 0 gentlify -a large --stdin-item cksum
expect_stdout "$(cksum <large)"
printf 'a\0b' | expect_status 0 gentlify --stdin-item od -An -c
expect_stdout '   a  \0   b'
seq 3 | expect_status 0 gentlify -k -n 2 --stdin-item sort -r
expect_stdout 2 1 3
expect_status 64 gentlify --stdin-item </dev/null
printf 'a\0b\nc\n' | expect_status 1 gentlify --stdin-item sh -c 'echo "$1"; cat; echo' sh {}
expect_stdout c c
expect_stderr_matches 'job 1 .*an argument would hold a NUL byte$'
expect_status 64 gentlify -n 2 echo ::: a ::: b

seq 1000 >items
expect_status 0 gentlify -k --shuf --dry-run echo -a x <items # a word of the command
sort -k4n "$out" | cmp - <(seq 1000 | sed 's/^/echo -a x /') || fail "an item is lost"
seq 1000 | sed 's/^/echo -a x /' | cmp -s - "$out" && fail "they are in order"
{ echo h; seq 5; } | gentlify --csv --header --shuf echo {h} | sort >"$out"
expect_stdout 1 2 3 4 5

printf 'a\n\nb\n' | expect_status 0 gentlify -k --keep-empty printf '<%s>'
[[ $(<"$out") == '<a><><b>' ]] || fail "an empty line is an item"
printf '1,a\n2,"x"y\n3,c\n4,d\n' >table
expect_status 1 gentlify --dry-run --csv --shuf -a table echo {1}
[[ $(sort "$out" | paste -sd ,) == 'echo 1,echo 3,echo 4' ]] || fail "a bad row spoils others"
