#!/usr/bin/env bash
# A script without #! runs through /bin/sh; a program that goes away fails its jobs for good.
. "$(dirname "$0")/../lib.sh"

echo 'echo "plain $1"' >plain
chmod +x plain
expect_status 0 gentlify ./plain ::: a
expect_stdout 'plain a'

printf '#!/bin/sh\nrm gone\n' >gone
chmod +x gone
expect_status 1 gentlify -j 1 ./gone ::: a b
expect_stderr_matches '^gentlify: failed: job 2: .*: cannot run it: No such file or directory$'

expect_status 0 gentlify -j 1 {} --version ::: "$GENTLIFY"
expect_status 1 gentlify -j 1 {} --version ::: no-such-program
