#!/usr/bin/env bash
# Signals by the hundred, at any moment, change neither what runs nor how often.
. "$(dirname "$0")/../lib.sh"

seq 300 >items
count_runs='echo $1 >>ran; [ $1 != 300 ] || read x <go'
some_ran() { [[ -s ran ]]; }
all_but_the_last_are_done() { (($(wc -l <ran) == 300)); }
is_stopped() { [[ $(sed 's/.*) //' "/proc/$1/stat") == T* ]]; }

# expect_each_once: all jobs ran, and none twice.
expect_each_once() { sort -n ran | cmp -s - items || fail "$1: not every job ran exactly once"; }

# start_counting: the run, with its last job at the gate.
start_counting() {
  rm -f ran
  start gentlify -j 8 --controller fixed --progress none sh -c "$count_runs" sh <items
  wait_for some_ran
}
end_counting() {
  wait_for all_but_the_last_are_done
  echo >&9
  expect_end 0
  expect_each_once "$1"
}

make_gate
for signal in USR1 WINCH CONT; do
  start_counting
  worker=$(worker)
  for ((i = 0; i < 1000; i++)); do
    kill -"$signal" "$pid"
    kill -"$signal" "$worker"
  done
  end_counting "$signal"
done
! grep -q 'draining\|stopping' "$err" || fail "a signal that asks for nothing has ended something"

# Stopped and continued, however quickly.
start_counting
for ((i = 0; i < 200; i++)); do
  kill -TSTP "$pid"
  kill -CONT "$pid"
done
# As a person does who sees that it has not gone on.
goes_on() { all_but_the_last_are_done || { kill -CONT "$pid" && false; }; }
wait_for goes_on
end_counting "TSTP and CONT"

# With time between for it to come about.
start_counting
for ((i = 0; i < 10; i++)); do
  kill -TSTP "$pid"
  wait_for is_stopped "$pid"
  kill -CONT "$pid"
done
end_counting "stopped and continued"

# Equal signals within 250 ms count once. A busy machine may take longer to pass them on.
for ((try = 1; ; try++)); do
  rm -f ran
  start gentlify -j 2 --controller fixed sh -c "echo >>ran; read x <go" sh <items
  wait_for some_ran
  for ((i = 0; i < 200; i++)); do kill -INT "$pid"; done
  wait_for grep -q draining "$err"
  printf '\n\n' >&9
  expect_end 130
  if ! grep -q stopping "$err"; then break; fi
  ((try < 5)) || fail "200 signals at once have counted more than once"
done
expect_stderr_matches ': [12] ok, 29[89] not started$'

# TERM while jobs are being started: what started is told, and ran once; the rest did not run.
for many in 1 7 40 150; do
  rm -f ran
  start gentlify -j 64 --controller fixed sh -c 'echo $1 >>ran' sh <items
  so_many() { [[ -s ran ]] && (($(wc -l <ran) >= many)); }
  wait_for so_many
  kill -TERM "$pid" || true # it may have been faster
  status=0
  wait "$pid" 2>/dev/null || status=$?
  pid=
  ((status == 143 || status == 0 && $(wc -l <ran) == 300)) || fail "TERM after $many jobs: exit $status"
  [[ -z $(sort ran | uniq -d) ]] || fail "TERM after $many jobs: one ran twice"
  expect_stderr_matches ": $(wc -l <ran) ok(, |$)"
done
