#!/usr/bin/env bash
# TSTP, as Ctrl-Z sends it, stops the jobs and gentlify; CONT lets them go on, and the time between
# counts for nothing.
. "$(dirname "$0")/../lib.sh"

is_stopped() { [[ $(sed 's/.*) //' "/proc/$1/stat") == T* ]]; }
runs() { is_alive "$1" && ! is_stopped "$1"; }

make_gate
start gentlify --timeout 2s sh -c 'echo $$ >pid.$1; read x <go; echo $1' sh ::: a
wait_for test -s pid.a
worker=$(worker)
kill -TSTP "$pid"
for process in "$(<pid.a)" "$worker" "$pid"; do wait_for is_stopped "$process"; done
# Longer than the timeout.
read -r up _ </proc/uptime
over() { read -r now _ </proc/uptime; ((${now%.*} > ${up%.*} + 3)); }
wait_for over
kill -CONT "$pid"
for process in "$pid" "$worker" "$(<pid.a)"; do wait_for runs "$process"; done
echo >&9
expect_end 0
expect_stdout a
! grep -q timeout "$err" || fail "the time in which it was stopped has counted"

# KILL of the guardian, too, when all is stopped, takes the run with it.
start gentlify sh -c 'echo $$ >pid.$1; exec sleep 300' sh ::: c
wait_for test -s pid.c
worker=$(worker)
kill -TSTP "$pid"
wait_for is_stopped "$pid"
kill -KILL "$pid"
expect_end 137
gone() { ! is_alive "$1"; }
for process in "$(<pid.c)" "$worker"; do wait_for gone "$process"; done

# TERM while it is stopped waits until it goes on.
start gentlify sh -c 'echo $$ >pid.$1; exec sleep 300' sh ::: b
wait_for test -s pid.b
kill -TSTP "$pid"
wait_for is_stopped "$pid"
kill -TERM "$pid"
kill -CONT "$pid"
wait_for grep -q draining "$err"
kill -QUIT "$pid"
expect_end 131
! is_alive "$(<pid.b)" || fail "the job is still alive"
