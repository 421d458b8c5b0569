#!/usr/bin/env bash
# Where no descriptor is left to look for what a job has left behind, it is looked for again.
. "$(dirname "$0")/../lib.sh"

strace -qq -o /dev/null true 2>"$err" || skip "strace cannot trace here: $(head -n 1 "$err")"

export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
# The first three looks fail, in the worker and in its guardian.
expect_status 0 strace -qq -f -b execve -o /dev/null -P /proc/thread-self/children -e signal=none \
  -e inject=openat:error=ENFILE:when=1..3 gentlify sh -c \
  'setsid sh -c "echo \$\$ >pid; exec sleep 300" & until [ -s pid ]; do sleep 0.01; done' sh ::: a
! is_alive "$(<pid)" || fail "what the job left behind is alive"
