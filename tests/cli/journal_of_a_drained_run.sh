#!/usr/bin/env bash
# --journal: a run that a signal has ended goes on with the command that it prints; what is done does
# not run again.
. "$(dirname "$0")/../lib.sh"
make_gate
ran_are() { [[ -e ran && $(sort -n ran | paste -sd ' ') == "$1" ]]; }

seq 5 >list
job='echo "$1" >>ran; read x <go; echo "$1 is done"'
start gentlify -j 2 --controller fixed --journal run -a list sh -c "$job" sh
wait_for ran_are '1 2'
kill -TERM "$pid"
wait_for grep -q draining "$err"
printf '\n\n' >&9
expect_end 143
expect_stderr_matches "^gentlify: to go on with what is left: gentlify -j 2 --controller fixed --journal run -a list --resume sh -c '.*' sh$"

resume=$(resume_command)
printf '\n\n\n' >&9
expect_status 0 eval "$resume"
expect_stderr_matches '^gentlify: going on with the run in run: 2( of 5)? jobs done$'
expect_stderr_matches '^gentlify: 3 jobs in .*: 3 ok$'
sort -o "$out" "$out"
expect_stdout '3 is done' '4 is done' '5 is done'
ran_are '1 2 3 4 5' || fail "not each job ran once: $(<ran)"
[[ -z $(resume_command) ]] || fail "there is nothing left, and a command for it"

expect_status 0 eval "$resume"
expect_stderr_matches '^gentlify: going on with the run in run: 5 of 5 jobs done$'
expect_stderr_matches '^gentlify: 0 jobs in '
ran_are '1 2 3 4 5' || fail "a job ran again: $(<ran)"

# The verb, words with spaces and the flag itself are as they were typed; -q prints nothing.
fail_once='echo "$1"; [ "$1" != "b c" ] || [ -e mended ]'
expect_status 1 gentlify run --retries 0 -j1 --halt soon,fail=1 --journal 'my run' sh -c "$fail_once" sh ::: a 'b c' d
[[ $(resume_command) == "gentlify run --retries 0 "*" --journal 'my run' --resume sh -c "*" sh ::: a 'b c' d" ]] ||
  fail "it goes on with: $(resume_command)"
expect_status 1 eval "$(resume_command)"
expect_stdout d
[[ $(resume_command) == "gentlify run "*" --resume --resume-failed sh -c "* ]] || fail "then with: $(resume_command)"
touch mended
expect_status 0 eval "$(resume_command)"
expect_stdout 'b c'
expect_status 1 gentlify -q --retries 0 --journal quiet false ::: 1
expect_status 1 gentlify -q --resume --journal quiet false ::: 1
[[ ! -s $err ]] || fail "-q is not quiet"
