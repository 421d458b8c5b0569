#!/usr/bin/env bash
# A NUL in a line, a line over --max-line: that job fails, named by its line; the rest runs.
. "$(dirname "$0")/../lib.sh"

{ printf 'one\n\nt\0wo\nthree\n'; head -c 3000000 /dev/zero | tr '\0' z; printf '\nfive'; } >items
expect_status 1 gentlify -j 1 echo <items
expect_stdout one three five
expect_stderr_matches '^gentlify: failed: job 2 \(line 3\): .*NUL'
expect_stderr_matches '^gentlify: failed: job 4 \(line 5\): an item of 3000000 bytes is over --max-line'

expect_status 0 gentlify -j 1 --max-line 4M sh -c 'wc -c' sh ::: x
