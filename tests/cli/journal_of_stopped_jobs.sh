#!/usr/bin/env bash
# --journal: jobs that the end of a run has stopped run again, and have lost no attempt by it.
. "$(dirname "$0")/../lib.sh"
make_gate
lines_of_ran() { [[ -e ran && $(wc -l <ran) == "$1" ]]; }
tell='echo "$1 $GENTLIFY_ATTEMPT" >>ran'

# By a second signal.
start gentlify -j 2 --controller fixed --retries 0 --journal run sh -c "$tell"'; [ "$1" = 1 ] || read x <go' sh ::: 1 2 3
wait_for lines_of_ran 3
kill -TERM "$pid"
wait_for grep -q draining "$err"
kill -INT "$pid"
expect_end 130
printf '\n\n' >&9
expect_status 0 eval "$(resume_command)"
expect_stderr_matches '^gentlify: going on with the run in run: 1 (of 3 jobs|job) done, 2 begun and not finished$'
[[ $(sort ran | paste -sd ' ') == '1 1 2 1 2 1 3 1 3 1' ]] || fail "jobs and attempts: $(<ran)"

# By --halt.
rm ran
mkfifo other
start gentlify -j 2 --controller fixed --retries 0 --halt now,fail=1 --journal halted sh -c "$tell"'; case $1 in 1) read x <go;; 2) read x <other; exit 1;; esac' sh ::: 1 2 3
wait_for lines_of_ran 2
echo >other
expect_end 1
echo >&9
expect_status 1 eval "$(resume_command)"
expect_stderr_matches '^gentlify: 1 job failed in earlier runs, and was not run again$'
[[ $(sort ran | paste -sd ' ') == '1 1 1 1 2 1 3 1' ]] || fail "jobs and attempts: $(<ran)"
