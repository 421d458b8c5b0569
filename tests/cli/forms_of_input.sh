#!/usr/bin/env bash
# Lines, NULs, any delimiter, files, the command line: all give the same items.
. "$(dirname "$0")/../lib.sh"

expect_status 0 gentlify -j 1 printf '<%s>' ::: a 'b c' ''
[[ $(<"$out") == '<a><b c><>' ]] || fail "::: is not as expected"

printf 'a\nb\0\0c' >nul
expect_status 0 gentlify -j 1 -0 printf '<%s>' <nul
[[ $(<"$out") == $'<a\nb><><c>' ]] || fail "-0 is not as expected"

expect_status 0 gentlify -j 1 -d , printf '<%s>' <<<'a,b c,d'
[[ $(<"$out") == $'<a><b c><d\n>' ]] || fail "-d is not as expected"

printf '1\n2' >one
printf '3\n' >two
expect_status 0 gentlify -j 1 -a one -a - -a two echo <<<'standard input'
expect_stdout 1 2 'standard input' 3

expect_status 0 gentlify echo </dev/null
expect_stdout </dev/null
expect_stderr_matches '^gentlify: 0 jobs '
