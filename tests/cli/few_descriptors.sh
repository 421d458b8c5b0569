#!/usr/bin/env bash
# With descriptors for a few jobs only, fewer run at once, and none fails for it.
. "$(dirname "$0")/../lib.sh"

seq 40 >items
expect_status 0 bash -c 'ulimit -n 24; exec gentlify -j 40 --controller fixed sh -c "sleep 0.05; echo \$1" sh' <items
(($(sort -u "$out" | wc -l) == 40)) || fail "a job was lost"
expect_stderr_matches '^gentlify: this machine is short of resources \(Too many open files\): at most [0-9]+ running jobs? for now$'
