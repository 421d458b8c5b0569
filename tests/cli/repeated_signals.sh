#!/usr/bin/env bash
# Signals that come in quick succession count once each 250 ms: a flood of them ends the run.
. "$(dirname "$0")/../lib.sh"

start gentlify -j 1 --kill-grace 1h sh -c 'trap "" TERM; touch ready; sleep 300; sleep 300' sh ::: a
wait_for test -e ready
ended() { ! is_alive "$pid" || ! kill -TERM "$pid"; }
wait_for ended
expect_end 143
expect_stderr_matches '^gentlify: killing 1 running job$'
