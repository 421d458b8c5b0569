#!/usr/bin/env bash
# Jobs are likelier victims of the OOM killer than others; one that it kills runs once more, but not
# where it had the memory to itself.
. "$(dirname "$0")/../lib.sh"

score() { cat "/proc/$1/oom_score_adj"; }

make_gate
start gentlify sh -c 'cat /proc/$$/oom_score_adj >job; read x <go' sh ::: a
wait_for test -s job
want=$(($(score $$) + 200 > 1000 ? 1000 : $(score $$) + 200))
(($(<job) == want)) || fail "the job's score is $(<job), expected $want"
(($(score "$pid") == $(score $$))) || fail "the guardian's score has changed"
echo >&9
expect_end 0

# KILL from someone else is a failure like any other.
expect_status 1 gentlify --retries 0 sh -c 'kill -KILL $$' sh ::: a
expect_stderr_matches '^gentlify: failed: .*: killed by SIGKILL'

# A real one, where this user may make a cgroup.
if [[ $(wc -l </proc/swaps) != 1 ]]; then skip "this machine has swap, and would use it first"; fi
for root in /sys/fs/cgroup/memory /sys/fs/cgroup; do
  group=$root/gentlify-test.$$
  if mkdir "$group" 2>/dev/null; then break; fi
done
trap 'rmdir "$group" 2>/dev/null || true' EXIT
memory=64M
if ldd "$GENTLIFY" | grep -q libasan; then memory=384M; fi # which has much of its own
for limit in "$group"/memory.limit_in_bytes "$group"/memory.max skip; do
  if [[ -e $limit ]] && echo "$memory" >"$limit"; then break; fi
done
if [[ $limit == skip ]]; then skip "no cgroup with a limit on memory can be made here"; fi

# What a file in memory would take, /dev/zero has no end.
limited() { sh -c 'echo $$ >"$0"/cgroup.procs && exec "$@"' "$group" "$@"; }
expect_status 1 limited gentlify tail /dev/zero ::: a
expect_stderr_matches '^gentlify: failed: .*: out of memory, with no other job running$'

jobs='if [ $1 = small ]; then read x <go; else echo >>tries; [ $(wc -l <tries) = 1 ] || echo >go; exec tail /dev/zero; fi'
expect_status 1 limited gentlify -j 2 --controller fixed --retries 0 --retry-base-delay 10ms \
  sh -c "$jobs" sh ::: small big
(($(wc -l <tries) == 2)) || fail "$(wc -l <tries) attempts, expected 2"
expect_stderr_matches '^gentlify: failed: job 2: .*: out of memory.* after 2 attempts'
