#!/usr/bin/env bash
# More jobs than there are descriptors for: fewer run at once, and that is said beforehand.
. "$(dirname "$0")/../lib.sh"

expect_status 0 bash -c 'ulimit -n 80; exec gentlify -j 100 echo' < <(seq 50)
(($(wc -l <"$out") == 50)) || fail "a job was lost"
expect_stderr_matches '^gentlify: at most 16 of the 100 jobs asked for run at once: '
expect_status 0 bash -c 'ulimit -n 80; exec gentlify -u -j 48 true' < <(seq 5)
! grep -q descriptors "$err" || fail "a warning for nothing"
