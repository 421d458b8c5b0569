#!/usr/bin/env bash
# A terminal's keys reach every process of our group. A job that is just being started is still in it
# for a moment, and must neither die of Ctrl-C nor be left stopped by Ctrl-Z.
. "$(dirname "$0")/../lib.sh"

seq 2000 >items
set -m # each command in the background has a group of its own, as under a terminal

# so_many N: at least N jobs have been started.
so_many() { [[ -s ran ]] && (($(wc -l <ran) >= $1)); }

# Ctrl-C: what runs finishes.
for jobs in 4 32; do
  for ((try = 1; try <= 12; try++)); do
    rm -f ran
    start gentlify -j "$jobs" --controller fixed --retries 0 sh -c 'echo $1 >>ran' sh <items
    wait_for so_many $((try * 7))
    kill -INT -- "-$pid" || true # it may have been faster
    status=0
    wait "$pid" 2>/dev/null || status=$?
    pid=
    ((status == 130 || status == 0 && $(wc -l <ran) == 2000)) || fail "-j $jobs: exit $status"
    ! grep -q 'failed' "$err" || fail "-j $jobs: a job was killed"
  done
done

# Ctrl-Z, and on again: all jobs run. The search for leaks stops the process with ptrace(2) at its end,
# and waits for ever where SIGCONT comes in between.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
head -n 700 items >fewer
for ((try = 1; try <= 8; try++)); do
  rm -f ran
  start gentlify -j 300 --controller fixed --retries 0 --progress none sh -c 'echo $1 >>ran' sh <fewer
  wait_for so_many $((try * 20))
  kill -TSTP -- "-$pid" || true
  goes_on() { kill -CONT -- "-$pid" 2>/dev/null; so_many 700; }
  wait_for goes_on
  expect_end 0
  sort -n ran | cmp -s - fewer || fail "not every job ran exactly once"
done
