#!/usr/bin/env bash
# Killed with SIGKILL, either of gentlify's two processes takes all of the run with it.
. "$(dirname "$0")/../lib.sh"

job='setsid sh -c "echo \$\$ >own.$1; exec sleep 300" & sleep 300 & echo $! >child.$1; echo $$ >job.$1; wait'
numbers() { cat job.? child.? own.? 2>/dev/null; }
started() { (($(numbers | wc -l) == 6)); }
all_gone() {
  local process
  for process in $(numbers); do
    if is_alive "$process"; then return 1; fi
  done
}
ends() { ! is_alive "$1"; }

for victim in guardian worker; do
  rm -f job.? child.? own.?
  start gentlify -j 2 --controller fixed sh -c "$job" sh ::: 1 2
  wait_for started
  worker=$(worker)
  if [[ $victim == guardian ]]; then kill -KILL "$pid"; else kill -KILL "$worker"; fi
  expect_end 137
  wait_for all_gone
  wait_for ends "$worker"
done
