#!/usr/bin/env bash
# Two hosts of a fleet together keep one limit, and end when their own lists are done.
. "$(dirname "$0")/../fleet_lib.sh"
start_server

# A job makes a file while it runs, and counts those of all.
job='mkdir -p run; : >run/$0.$1; ls run | wc -l >>counts; sleep 0.02; rm run/$0.$1'
for name in a b; do
  start_host $name gentlify --fleet "$(url f)" --fleet-concurrency 3 --fleet-ttl 3s -j 8 \
    --controller fixed -a <(seq 40) sh -c "$job" $name
done
for host in "${hosts[@]}"; do expect_host_end "$host" 0; done
(($(sort -n counts | tail -n 1) <= 3)) || fail "more than three jobs ran at once"
(($(wc -l <counts) == 80)) || fail "not all jobs ran"
expect_said a '^gentlify: fleet f is new or has lost its memory: nothing starts for '
expect_said a '^gentlify: waited for: .*fleet'

# All hosts must have the same limits, unless one says that its are to hold.
expect_status 78 gentlify --fleet "$(url f)" --fleet-concurrency 4 --fleet-ttl 3s true ::: 1
expect_stderr_matches 'the fleet has other limits than this run'
expect_status 0 gentlify --fleet "$(url f)" --fleet-concurrency 4 --fleet-ttl 3s --fleet-reset true ::: 1
