#!/usr/bin/env bash
# A job that leaves a process behind with its output open is over when it exits; what that process
# writes within two seconds still belongs to it.
. "$(dirname "$0")/../lib.sh"

mkfifo go
start gentlify -j 1 sh -c 'if [ $1 = 1 ]; then (read x <go; echo late) & echo early; else echo >go; fi' sh ::: 1 2
expect_end 0
expect_stdout early late
