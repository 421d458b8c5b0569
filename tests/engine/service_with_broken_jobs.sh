#!/usr/bin/env bash
# A tenth of the jobs fails at a real service whenever they are tried: they are given up after their
# retries, and all others are served, once.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../service/service.sh"

start_service broken=0.1 takes=0.02
expect_status 1 gentlify -j 16 --retry-base-delay 10ms ask socket < <(seq 100)
stop_service

broken=$(count_jobs broken)
((broken > 0)) || fail "no job was broken"
# Two retries are the job's own; twenty are the service's, where it seems to be to blame.
tries=$(count broken)
((tries >= 3 * broken && tries <= 23 * broken)) || fail "$broken broken jobs: $tries tries"
(($(count served) == 100 - broken)) || fail "$(count served) of $((100 - broken)) jobs were served"
expect_stderr_matches ": $((100 - broken)) ok, $broken failed"
