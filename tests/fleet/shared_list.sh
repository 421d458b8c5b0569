#!/usr/bin/env bash
# Hosts that read the same list each run a part of it; where one dies the others run its part, too.
. "$(dirname "$0")/../fleet_lib.sh"
start_server
make_gate

seq 60 >list
fleet=(--fleet "$(url f)" --fleet-jobs range --fleet-ttl 1s --controller fixed -j 2 -a list)
lines() { cat "$1" 2>/dev/null | wc -l; }
has() { (($(lines "$1") >= $2)); }

# The jobs of one wait until it is killed; the others run all that is left, and wait for the end.
job='if [ -e back ]; then echo $0 >>again; else echo $0 >>a.started; read x <go; fi'
start_host a gentlify "${fleet[@]}" --journal a.jnl sh -c "$job" {}
a=$host
wait_for has a.started 2
for name in b c; do
  start_host $name gentlify "${fleet[@]}" --journal $name.jnl sh -c "echo \$0 >>$name.done" {}
done
wait_for test -s b.done -o -s c.done
worker=$(cat "/proc/$a/task/$a/children")
kill -STOP "$a" $worker
kill -KILL "$a" $worker
wait "$a" 2>/dev/null || true
for host in "${hosts[@]:1}"; do expect_host_end "$host" 0; done
sort -n b.done c.done | cmp - list || fail "not each job was run exactly once by those who lived"

# Who comes back finds that all is done, and what it had begun is no longer its.
touch back
expect_status 0 gentlify "${fleet[@]}" --journal a.jnl --resume sh -c "$job" {}
[[ ! -e again ]] || fail "something ran that was done"

# Another list under this name is refused before any of it runs.
seq 61 >other
expect_status 65 gentlify "${fleet[@]/list/other}" sh -c 'echo $0 >>again' {}
expect_stderr_matches 'the list of this host is not the one that the fleet works on'

# A host that is told to end gives back what it has not begun.
fleet=("${fleet[@]/\/f//g}")
start_host d gentlify "${fleet[@]}" sh -c 'echo $0 >>d.started; read x <go' {}
d=$host
wait_for has d.started 2
kill -TERM "$d"
wait_for grep -q '^gentlify: draining' d.err
echo >&9
echo >&9
expect_host_end "$d" 143
start_host e gentlify "${fleet[@]}" sh -c 'echo $0 >>e.done' {}
expect_host_end "$host" 0
sort -n d.started e.done | cmp - list || fail "not each job was run exactly once"
