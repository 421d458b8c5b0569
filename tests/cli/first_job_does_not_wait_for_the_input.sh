#!/usr/bin/env bash
# The first job runs while the rest of the input has not been written yet.
. "$(dirname "$0")/../lib.sh"

mkfifo items
exec 4<>items  # a FIFO opens only where the other side is there
start gentlify touch <items 4>&-
exec 3>items 4>&-
echo first >&3
wait_for test -e first
echo second >&3
wait_for test -e second
exec 3>&-
expect_end 0
