#!/usr/bin/env bash
# A real service is away for the first second and does not say why: no job is lost, and few are sent
# to it in vain.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../service/service.sh"

start_service outage=0-1 takes=0.02 refuses-in=0.02
expect_status 0 gentlify -j 64 ask socket < <(seq 100)
stop_service

(($(count_jobs served) == 100)) || fail "$(count_jobs served) of 100 jobs were served"
(($(count away) <= 50)) || fail "$(count away) requests during the outage"
