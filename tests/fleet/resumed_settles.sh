#!/usr/bin/env bash
# What the journal of a host that comes back has as done is settled for all, though another host has
# leased it.
. "$(dirname "$0")/../fleet_lib.sh"
start_server
make_gate

seq 6 >list
lines() { cat "$1" 2>/dev/null | wc -l; }
has() { (($(lines "$1") >= $2)); }
settled() { [[ $(redis-cli -p "$port" HGET 'gt:{f}:r' done) == "$1" ]]; }
fleet=(--fleet "$(url f)" --fleet-jobs range --fleet-ttl 1s --controller fixed -a list)
job='echo $0 >>started; if (($0 < 4)) || [ -e all ]; then read x <go; fi; echo $0 >>done'

# The first does 4 to 6 and dies, and so does the memory of the server.
start_host a gentlify "${fleet[@]}" -j 6 --journal a.jnl bash -c "$job" {}
wait_for has started 6
wait_for has done 3
wait_for settled 3
kill -KILL "$host" $(cat "/proc/$host/task/$host/children")
wait "$host" 2>/dev/null || true
redis-cli -p "$port" FLUSHALL >/dev/null
rm started

# The second leases all, and runs three of it.
touch all
start_host b gentlify "${fleet[@]}" -j 3 --journal b.jnl bash -c "$job" {}
b=$host
wait_for has started 3
start_host c gentlify "${fleet[@]}" -j 6 --journal a.jnl --resume bash -c "$job" {}
wait_for settled 3
kill -KILL "$b" $(cat "/proc/$b/task/$b/children")
wait_for has started 6
for i in 1 2 3; do echo >&9; done
expect_host_end "$host" 0
sort -n started | tr '\n' ' ' | grep -qx '1 1 2 2 3 3 ' || fail "ran: $(tr '\n' ' ' <started)"
