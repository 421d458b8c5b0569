#!/usr/bin/env bash
# With --fleet-strict nothing runs when the fleet has given our places to others.
. "$(dirname "$0")/../fleet_lib.sh"
start_server --appendonly yes
make_gate

lines() { cat "$1" 2>/dev/null | wc -l; }
has() { (($(lines "$1") >= $2)); }
fleet=(--fleet "$(url f)" --fleet-strict --fleet-concurrency 2 --fleet-ttl 1s -j 2 --controller fixed)
job='echo $$ >>started; read x <go; echo $0 >>ended'

# The fleet is away: what runs is stopped, and run again when it is back, with no attempt spent.
start_host a gentlify "${fleet[@]}" --retries 0 --journal j sh -c "$job" ::: 1 2
wait_for has started 2
kill_server
wait_for grep -q '^gentlify: fleet f has been away for too long: the jobs that run are stopped' a.err
for pid in $(head -n 2 started); do wait_for is_gone "$pid"; done
start_server --appendonly yes
wait_for has started 4
echo >&9
echo >&9
expect_host_end "$host" 0
expect_said a '^gentlify: 2 jobs .* 2 ok'
rm started ended

# The worker hangs: its guardian does it, and the run can be gone on with.
start_host b gentlify "${fleet[@]}" --journal k sh -c "$job" ::: 1 2
wait_for has started 2
read -r worker _ <"/proc/$host/task/$host/children" || true
kill -STOP "$worker"
for pid in $(cat started); do wait_for is_gone "$pid"; done
expect_host_end "$host" 75
expect_said b '^gentlify: the worker has not stopped its jobs in time'
is_gone "$worker" || fail "the worker is alive"
rm started
start_host c gentlify "${fleet[@]}" --journal k --resume sh -c "$job" ::: 1 2
wait_for has started 2
echo >&9
echo >&9
expect_host_end "$host" 0
