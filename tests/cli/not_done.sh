#!/usr/bin/env bash
# --not-done: what a run that was stopped did not run is there for the next one, and nothing else.
. "$(dirname "$0")/../lib.sh"
make_gate
wait_and_fail='echo "$1" >>ran; read x <go; exit 1'

# Jobs that run finish; those that wait for a retry and those that never ran are in the file.
seq 1000 >list
start gentlify -j 1 --retry-base-delay 1m --not-done rest -a list sh -c "$wait_and_fail" sh
wait_for grep -qx 1 ran
echo >&9
wait_for grep -qx 2 ran
kill -TERM "$pid"
wait_for grep -q draining "$err"
[[ ! -e rest ]] || fail "the file is there before it is whole"
echo >&9
expect_end 143
seq 1000 | cmp - rest || fail "not all that is not done is there, in order: $(head -n 3 rest)"

# The file may be the one that is read, and a run that was not stopped leaves none.
cat rest >list
start gentlify -j 1 --not-done list -a list sh -c 'echo "$1" >>ran2; read x <go' sh
wait_for grep -qx 1 ran2
kill -TERM "$pid"
wait_for grep -q draining "$err"
echo >&9
expect_end 143
seq 2 1000 | cmp - list || fail "the rest of the list: $(head -n 3 list)"
expect_status 0 gentlify --not-done list -a list true
[[ -e list && ! -s list ]] || fail "something is left: $(head -n 3 list)"
seq 4 >list
expect_status 1 gentlify -k -j 1 --retries 0 --halt now,fail=1 --not-done list -a list sh -c '[ "$1" != 2 ]' sh
[[ $(paste -sd ' ' list) == '3 4' ]] || fail "a failed job was run: $(<list)"

# What is in the pipe and what is stopped belongs to it; items are as they were read.
mkfifo pipe
printf 'a\nb\0c\0\0d' >bytes
start gentlify -j 1 -0 --not-done rest -a bytes sh -c 'echo >>ran3; read x <go' sh
wait_for test -s ran3
kill -TERM "$pid"
wait_for grep -q draining "$err"
kill -INT "$pid"
expect_end 130
cmp rest <(printf 'a\nb\0c\0\0d\0') || fail "$(od -c rest)"
printf 'n,t\n1,"x\ny"\n2,"""z"""\n' >table
start gentlify -j 1 --csv --header --not-done rest -a table sh -c 'echo >>ran4; read x <go' sh {t}
wait_for test -s ran4
kill -TERM "$pid"
wait_for grep -q draining "$err"
echo >&9
expect_end 143
[[ $(<rest) == $'n,t\n2,"""z"""' ]] || fail "rows with their header: $(<rest)"
seq 5 | expect_status 1 gentlify -j 1 -n 2 --retries 0 --halt now,fail=1 --not-done rest false
[[ $(paste -sd ' ' rest) == '3 4 5' ]] || fail "items of batches: $(<rest)"

# An input that goes on is not waited for.
exec 8<>pipe
seq 2 >&8
start gentlify -j 1 --not-done rest -a pipe sh -c 'echo >>ran5; read x <go' sh
wait_for test -s ran5
kill -TERM "$pid"
wait_for grep -q draining "$err"
echo >&9
expect_end 143
[[ $(<rest) == 2 ]] || fail "what was in the pipe: $(<rest)"
expect_stderr_matches '^gentlify: the input has not ended: what it still gives is not in rest$'

# Nor is what was read of it lost, in a batch or a shuffle that is not full yet.
in_loop() { grep -q signalfd <(ls -l "/proc/$(worker)/fd" 2>/dev/null); }
for flags in '-n 10' --shuf; do
  seq 5 >&8
  # shellcheck disable=SC2086
  start gentlify $flags --not-done rest -a pipe touch ran_too_early
  wait_for in_loop
  kill -TERM "$pid"
  expect_end 143
  [[ ! -e ran_too_early && $(sort rest | paste -sd ' ') == '1 2 3 4 5' ]] || fail "$flags: $(<rest)"
done

# Bad items are left out, since they could spoil those behind them.
printf '1,a\n2,"open\n' >first
printf '3,c\n4,d\n' >second
expect_status 1 gentlify -j 1 --csv --retries 0 --halt now,fail=1 --not-done rest -a first -a second false {1}
[[ $(paste -sd ' ' rest) == '3,c 4,d' ]] || fail "what can be run: $(<rest)"
expect_stderr_matches '^gentlify: 1 item cannot be run and is not in rest$'

# Writing without end is ended by a signal, and the file is as it was then.
echo before >rest
start sh -c 'ulimit -f 200000; exec gentlify -j 1 -d x --not-done rest -a /dev/zero sh -c "echo >>ran7; read x <go" sh'
wait_for in_loop
kill -TERM "$pid"
expect_end 143
[[ ! -s rest || $(<rest) == before ]] || fail "endless: $(wc -c <rest)"

# The list keeps its permissions, and is not cut short where it cannot be read.
seq 3 >list
chmod 600 list
expect_status 1 gentlify -j 1 --retries 0 --halt now,fail=1 --not-done list -a list false
[[ $(stat -c %a list) == 600 && $(paste -sd ' ' list) == '2 3' ]] || fail "$(ls -l list)"
expect_status 74 gentlify -j 1 --retries 0 --not-done list -a list -a /proc/self/mem true
[[ $(paste -sd ' ' list) == '2 3' ]] || fail "a list that could not be read is cut"
mkfifo unread
expect_status 73 timeout 20 gentlify --not-done unread touch ::: ran6
expect_status 64 gentlify --not-done rest --joblog rest touch ::: ran6

# What cannot be written is known before the first job, where it can be.
expect_status 73 gentlify --not-done nowhere/rest touch ::: ran6
expect_status 64 gentlify --not-done rest touch ::: ran6 ::: x
expect_status 64 gentlify --not-done '' touch ::: ran6
[[ ! -e ran6 ]] || fail "a job ran"
expect_status 74 gentlify --not-done /dev/full -j 1 --retries 0 --halt now,fail=1 false ::: 1 2
expect_stderr_matches '^gentlify: --not-done /dev/full cannot be written \(No space left on device\)$'
