#!/usr/bin/env bash
# --load and --memory-pressure: on a busy machine jobs start one at a time, and the run goes on.
. "$(dirname "$0")/../lib.sh"

expect_status 64 gentlify --load 0 true ::: a
expect_stderr_matches '^gentlify: --load 0: must be none or a number from 0.0001 to 1000000$'

# However busy this machine is, all jobs are run.
expect_status 0 gentlify -k -j 4 --load 0.0001 echo ::: a b c
expect_stdout a b c

if [[ -r /proc/pressure/memory ]]; then
  expect_status 0 gentlify -k --memory-pressure 100 echo ::: a b
  expect_stdout a b
else
  expect_status 78 gentlify --memory-pressure 100 echo ::: a b
  expect_stderr_matches '^gentlify: --memory-pressure: .* /proc/pressure/memory cannot be read'
fi

read -r load _ </proc/loadavg
if [[ $load == 0.0[0-9] ]]; then skip "this machine has nothing to do, and so no load"; fi
make_gate
start gentlify -j 4 --controller fixed --load 0.0001 sh -c 'touch at.$1; read x <go' sh ::: 1 2 3
wait_for grep -q '^gentlify: the load average is .*: while it is over that, a job starts only' "$err"
for job in 1 2 3; do
  wait_for test -e at.$job
  [[ ! -e at.$((job + 1)) ]] || fail "a job has started beside another"
  echo >&9
done
expect_end 0
expect_stderr_matches '^gentlify: waited for: .*load '
