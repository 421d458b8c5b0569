#!/usr/bin/env bash
# --workdir, --nice and --shell.
. "$(dirname "$0")/../lib.sh"

mkdir -p there/bin
printf '#!/bin/sh\npwd -P\n' >there/bin/where
chmod +x there/bin/where
expect_status 0 gentlify --workdir there bin/where ::: a
expect_stdout "$(pwd -P)/there"
expect_status 127 gentlify bin/where ::: a
expect_status 78 gentlify --workdir nowhere true ::: a
expect_stderr_matches "^gentlify: --workdir nowhere: No such file or directory"

expect_status 0 gentlify --nice 3 sh -c nice ::: a
expect_stdout $(($(nice) + 3 > 19 ? 19 : $(nice) + 3))

printf '#!/bin/sh\necho "shell: $*"\n' >shell
chmod +x shell
echo 'a line' >lines
expect_status 0 gentlify -k --shell ./shell -a lines
expect_stdout 'shell: -c -- a line'
