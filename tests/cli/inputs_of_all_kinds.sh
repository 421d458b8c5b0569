#!/usr/bin/env bash
# Items from a FIFO, from a file that grows, and from a file that a shell has read the head of.
. "$(dirname "$0")/../lib.sh"

mkfifo fifo
start gentlify -k -a fifo echo
seq 3 >fifo
expect_end 0
expect_stdout 1 2 3

# A line is run as soon as it is there, and what comes later belongs to the list, too.
make_gate
echo first >list
start gentlify -j 1 -a list sh -c 'echo "$1"; echo >>started; read x <go' sh
wait_for test -s started
echo second >>list
echo >&9
echo >&9
expect_end 0
expect_stdout first second

seq 3 >list
(read -r head; expect_status 0 gentlify -k echo "$head:") <list
expect_stdout '1: 2' '1: 3'

# With several inputs a FIFO takes its turn.
start gentlify -k -a list -a fifo -a list echo
echo x >fifo
expect_end 0
expect_stdout 1 2 3 x 1 2 3
