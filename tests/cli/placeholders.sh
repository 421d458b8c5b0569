#!/usr/bin/env bash
# Placeholders are replaced inside their argument and never split or read by a shell.
. "$(dirname "$0")/../lib.sh"

expect_status 0 gentlify -j 1 printf '%s\n' {} {.} {/} {//} {/.} {#} x{%}y ::: 'my dir/a b.tar.gz'
expect_stdout 'my dir/a b.tar.gz' 'my dir/a b.tar' 'a b.tar.gz' 'my dir' 'a b.tar' 1 x1y

expect_status 0 gentlify -j 1 -I @ printf '%s\n' 'pre@post {}' ::: '$(id)'
expect_stdout 'pre$(id)post {}'

expect_status 0 gentlify -j 1 -I @ sh -c 'echo "$1"' sh @ ::: '`id`; *'
expect_stdout '`id`; *'
