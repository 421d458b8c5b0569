#!/usr/bin/env bash
# A real service takes eight at once and refuses the rest: few are refused, and no job is lost.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../service/service.sh"

start_service cap=8 takes=0.02 cv=0.3
expect_status 0 gentlify -j 64 ask --codes socket < <(seq 200)
stop_service

(($(count_jobs served) == 200)) || fail "$(count_jobs served) of 200 jobs were served"
# 64 at once, as they come, are refused more often than they are served.
(($(count refused) <= 100)) || fail "$(count refused) refusals"
awk '$5 > 8 { exit 1 }' record || fail "the service let in more than it takes"
