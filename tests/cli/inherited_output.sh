#!/usr/bin/env bash
# With -u jobs write straight to our stdout and stderr.
. "$(dirname "$0")/../lib.sh"

expect_status 0 gentlify -u -j 1 sh -c 'echo out $1; echo err $1 >&2; readlink /proc/self/fd/1' sh ::: a
expect_stdout 'out a' "$out"
expect_stderr_matches '^err a$'
