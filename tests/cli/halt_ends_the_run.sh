#!/usr/bin/env bash
# --halt ends the run early: soon lets what runs finish, now stops it.
. "$(dirname "$0")/../lib.sh"
make_gate

expect_status 1 gentlify -j 1 --retries 0 --halt soon,fail=2 sh -c 'exit $1' sh ::: 1 0 1 0 0
expect_stderr_matches '^gentlify: halting: 2 jobs failed$'
expect_stderr_matches '^gentlify: halted with jobs left: 2 jobs failed$'
expect_stderr_matches '^gentlify: 5 jobs .*: 1 ok, 2 failed, 2 not started'

expect_status 1 gentlify -j 1 --retries 0 --halt soon,fail=50% sh -c 'exit $1' sh ::: 1 1 0 0 0 1 0
expect_stderr_matches '^gentlify: halting: 3 jobs of 6 completed failed$'

# A job that runs: soon waits for it, now stops it.
two='echo $1 >>started; if [ $1 = wait ]; then read x <go; echo over >>over; else while ! grep -q wait started; do :; done; exit 1; fi'
start gentlify -j 2 --controller fixed --retries 0 --halt soon,fail=1 sh -c "$two" sh ::: wait fail next
wait_for grep -q halting "$err"
echo >&9
expect_end 1
grep -q over over || fail "the job that ran could not finish"
! grep -q next started || fail "a job has started after that"
rm started over
expect_status 1 gentlify -j 2 --controller fixed --retries 0 --halt now,fail=1 sh -c "$two" sh ::: wait fail next
[[ ! -e over ]] || fail "the job that ran was not stopped"
expect_stderr_matches '^gentlify: stopping 1 running job'
expect_stderr_matches ' 1 failed, 1 unfinished, 1 not started'

# A retry that waits is dropped; what fails for the first time does not count.
expect_status 1 gentlify -j 1 --halt soon,fail=1 --retry-base-delay 1h --retry-max-delay 1h sh -c 'exit $1' sh ::: 1 64 0
expect_stderr_matches ' 0 ok, 1 failed, 1 unfinished, 1 not started'

# Nothing was left: the last job failed, and no halt is told of. No failure: no halt.
expect_status 1 gentlify -j 1 --retries 0 --halt soon,fail=1 sh -c 'exit $1' sh ::: 0 1
! grep -q 'halted with' "$err" || fail "a run that came to its end was halted"
expect_status 0 gentlify --halt now,fail=1 true ::: a b

# A signal that came as well wins.
rm -f started over
start gentlify -j 2 --controller fixed --retries 0 --halt soon,fail=1 sh -c "$two" sh ::: wait fail next
wait_for grep -q halting "$err"
kill -TERM "$pid"
expect_end 143
