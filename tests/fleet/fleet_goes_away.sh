#!/usr/bin/env bash
# While the fleet is away nothing starts, what runs goes on, and the run goes on when it is back.
. "$(dirname "$0")/../fleet_lib.sh"
start_server --appendonly yes
make_gate

job='echo $0 >>started; read x <go; echo $0 >>ended'
lines() { cat "$1" 2>/dev/null | wc -l; }
has() { (($(lines "$1") >= $2)); }
fleet=(--fleet "$(url f)" --fleet-concurrency 2 --fleet-ttl 1s -j 2 --controller fixed)
start_host a gentlify "${fleet[@]}" sh -c "$job" ::: 1 2 3 4
wait_for has started 2
kill_server
wait_for grep -q '^gentlify: fleet f is away, and nothing starts until it is back: ' a.err
echo >&9
wait_for has ended 1
# Long after the place of the job that runs is lost it still runs.
kill -USR1 "$host"
wait_for grep -q 'fleet away' a.err
has started 3 && fail "a job has started though nobody could be asked"
start_server --appendonly yes
wait_for has started 3
for i in 2 3 4; do echo >&9; done
expect_host_end "$host" 0
rm started ended

# It may be away too long.
start_host b gentlify "${fleet[@]}" --fleet-max-outage 300ms sh -c "$job" ::: 1 2 3 4
wait_for has started 2
kill_server
wait_for grep -q '^gentlify: draining' b.err
echo >&9
echo >&9
expect_host_end "$host" 75
expect_said b '^gentlify: --fleet .*: it has been away for 0.3s: .*; try again later$'
rm started ended

# Or there is a share to go on with.
start_server --appendonly yes
start_host c gentlify "${fleet[@]}" --fleet-on-outage local:1,1000/s sh -c "$job" ::: 1 2 3 4
wait_for has started 2
kill_server
wait_for grep -q '^gentlify: fleet f is away, going on alone: ' c.err
for i in 1 2 3 4; do echo >&9; done
expect_host_end "$host" 0
has ended 4 || fail "not all jobs ran"
