#!/usr/bin/env bash
# Whatever a hook does, the run goes on, and nothing of the hook is left when it is over.
. "$(dirname "$0")/../lib.sh"

# run HOOK [FLAG...]: three jobs fail once each, beside that hook; they must not wait for it.
run() {
  local hook=$1
  shift
  rm -rf tries && mkdir tries
  # shellcheck disable=SC2016
  expect_status 0 gentlify --retries 1 --retry-base-delay 1ms "$@" --on-event "$hook" --on-retry "$hook" \
    sh -c '! mkdir "tries/$1" 2>/dev/null' sh ::: a b c
}

echo 'It never reads.'
run true
[[ ! $(grep -e --on- "$err") ]] || fail "a hook that does not read is no problem"

echo 'It is not there, or fails: one sentence each, and the number in the end.'
# shellcheck disable=SC2016
expect_status 1 gentlify -j 1 --retries 0 --controller fixed --on-event 'cat >/dev/null; exit 3' false ::: a b c
[[ $(grep -c -e '--on-event: exit 3;' "$err") == 1 ]] || fail "not one note"
expect_stderr_matches '^gentlify: --on-event: ([0-9]+) of \1 calls failed$'
run /no/such/program
expect_stderr_matches '^gentlify: --on-event: exit 127;'

echo 'It takes too long, and does not heed TERM; all of it is ended.'
# shellcheck disable=SC2016
deaf='trap "" TERM; (trap "" TERM; echo $(exec sh -c "echo \$PPID") >>deaf.pids; while :; do sleep 1; done) & wait; while :; do sleep 1; done'
run "$deaf" --hook-timeout 100ms --kill-grace 100ms
expect_stderr_matches '^gentlify: --on-event: timeout after 0\.1s;'
[[ -s deaf.pids ]] || fail "there was none"
for process in $(<deaf.pids); do wait_for is_gone "$process"; done

echo 'It prints a gigabyte.'
run 'head -c 1000000000 /dev/zero | tr "\0" x' --hook-timeout 60s
(($(wc -c <"$err") < 100000)) || fail "$(wc -c <"$err") bytes came through"

echo 'It leaves a process behind, which holds its output open.'
# shellcheck disable=SC2016
run 'echo "$$" >/dev/null; (setsid sleep 300; :) & echo $! >>left.pids'
[[ -s left.pids ]] || fail "there was none"
for process in $(<left.pids); do ! is_alive "$process" || fail "process $process is still alive"; done

echo 'The second signal ends it at once, and a signal when only it is left does.'
# shellcheck disable=SC2016
start gentlify --hook-timeout none --kill-grace 1h --on-event 'trap "" TERM; echo $$ >hook.pid; while :; do sleep 1; done' \
  sh -c 'touch started; exec sleep 300' ::: a
wait_for test -s hook.pid
wait_for test -e started
kill -TERM "$pid"
wait_for grep -q draining "$err"
is_alive "$(<hook.pid)" || fail "the first signal has ended it"
kill -INT "$pid"
expect_end 130
! is_alive "$(<hook.pid)" || fail "the hook is still alive"

rm hook.pid
# shellcheck disable=SC2016
start gentlify --hook-timeout none --on-event 'trap "" TERM; echo $$ >hook.pid; while :; do sleep 1; done' true ::: a
wait_for test -s hook.pid
wait_for grep -q '1 ok' "$err"
kill -TERM "$pid"
expect_end 0
! is_alive "$(<hook.pid)" || fail "the hook is still alive"

echo 'kill -9 of the worker leaves none.'
rm hook.pid started
# shellcheck disable=SC2016
start gentlify --hook-timeout none --on-event 'echo $$ >hook.pid; sleep 300' sh -c 'touch started; exec sleep 300' ::: a
wait_for test -s hook.pid
wait_for test -e started
kill -KILL "$(worker)"
expect_end 137
wait_for is_gone "$(<hook.pid)"

echo 'Where nothing more fits, calls and records are left out, and counted.'
# shellcheck disable=SC2016
expect_status 1 gentlify -j 8 --retries 1 --retry-base-delay 0 --controller fixed --circuit-breaker-consecutive-failures 0 \
  --on-retry 'sleep 300' --hook-timeout 1s --kill-grace 0 false ::: $(seq 1100)
expect_stderr_matches '^gentlify: --on-retry is too slow: calls of it are left out$'
expect_stderr_matches '^gentlify: --on-retry: [0-9]+ calls left out$'
