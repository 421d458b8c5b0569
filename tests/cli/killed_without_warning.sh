#!/usr/bin/env bash
# Killed with SIGKILL, gentlify takes its jobs with it.
. "$(dirname "$0")/../lib.sh"

start gentlify -j 2 --controller fixed sh -c 'echo $$ >pid.$1; exec sleep 300' sh ::: 1 2
wait_for test -s pid.1 -a -s pid.2
kill -KILL "$pid"
expect_end 137
for job in 1 2; do
  gone() { ! is_alive "$(<pid.$job)"; }
  wait_for gone
done
