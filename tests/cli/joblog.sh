#!/usr/bin/env bash
# --joblog writes GNU parallel's columns, and parallel itself takes them.
. "$(dirname "$0")/../lib.sh"

# column N: of the lines of the log, in the order of the jobs.
column() { tail -n +2 log | sort -n | cut -f"$1" | paste -sd ' '; }

expect_status 1 gentlify -j 4 --retries 1 --retry-base-delay 0 --joblog log sh -c '
  case $1 in 2) exit 3;; 3) kill -9 $$;; 4) [ $GENTLIFY_ATTEMPT = 2 ];; 5) exit 77;; *) echo $1;; esac' sh ::: 1 2 3 4 5 'a
b	c'
[[ $(head -n 1 log) == $'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand' ]] || fail "$(head -n 1 log)"
[[ $(column 1) == '1 2 3 4 5 6' ]] || fail "not a line for each job: $(column 1)"
[[ $(column 7) == '0 3 0 0 77 0' ]] || fail "exit statuses: $(column 7)"
[[ $(column 8) == '0 0 9 0 0 0' ]] || fail "signals: $(column 8)"
[[ $(awk -F '\t' 'NF != 9' log) == '' ]] || fail "not nine columns: $(awk -F '\t' 'NF != 9' log)"
[[ $(sort -n log | tail -n 1 | cut -f9) == *"sh 'a\\nb\\tc'" ]] || fail "$(tail -n 1 log)"
now=$(date +%s)
awk -F '\t' -v now="$now" 'NR > 1 && ($3 > now + 1 || $3 < now - 100 || $4 < 0 || $4 > 100) { exit 1 }' log ||
  fail "times are not of this run"

# What was stopped or never run is not in it; what cannot be run is.
{ echo true && head -c 140000 /dev/zero | tr '\0' x && echo && echo 'exit 1'; } >items
expect_status 1 gentlify --retries 0 --joblog log -a items
[[ $(column 7) == '0 126 '* ]] || fail "an item that cannot be run: $(column 7)"
make_gate
start gentlify -j 1 --joblog log sh -c 'echo $1 >>ran; read x <go' sh ::: 1 2 3
wait_for test -s ran
kill -TERM "$pid"
wait_for grep -q draining "$err"
echo >&9
expect_end 143
[[ $(column 1) == 1 ]] || fail "not only the job that ran: $(column 1)"

# Parallel goes on from there, and runs nothing twice.
if command -v parallel >/dev/null; then
  parallel --will-cite --resume --joblog log 'echo {} >>resumed' ::: 1 2 3
  [[ $(sort resumed | paste -sd ' ') == '2 3' ]] || fail "parallel ran $(sort resumed | paste -sd ' ')"
  rm resumed
  expect_status 0 gentlify --joblog log true ::: 1 2 3
  parallel --will-cite --resume --joblog log 'echo {} >>resumed' ::: 1 2 3
  [[ ! -e resumed ]] || fail "parallel ran $(<resumed) again"
fi

# What failed is never a success there.
printf '{"shell":"%s"}\n' 'trap : TERM; sleep 60 & wait; true' true >jobs
echo '{"shell":"true","cwd":"/nowhere"}' >>jobs
expect_status 1 gentlify --timeout 0.2 --retries 0 --jsonl -a jobs --joblog log
[[ $(column 7) == '1 0 126' ]] || fail "exit statuses of jobs that failed: $(column 7)"

# A log that cannot be written is an error, before the first job where that can be known.
expect_status 73 gentlify --joblog nowhere/log touch ::: ran_all_the_same
expect_stderr_matches '^gentlify: --joblog nowhere/log: No such file or directory'
[[ ! -e ran_all_the_same ]] || fail "a job ran"
expect_status 74 gentlify -j 1 --joblog /dev/full echo ::: 1 2 3
expect_stderr_matches '^gentlify: --joblog /dev/full cannot be written \(No space left on device\): nothing more was started'

# A command that cannot be run costs no log that is there.
echo kept >log
expect_status 127 gentlify --joblog log no-such-program ::: 1
[[ $(<log) == kept ]] || fail "the log was emptied"

# Nor does it cost the list, or wait for a reader of a pipe.
seq 3 >list
expect_status 64 gentlify --joblog list -a list touch ran
expect_stderr_matches '^gentlify: --joblog list: the items are read from that file$'
expect_status 64 gentlify --summary ./list touch <list
[[ $(wc -l <list) == 3 && ! -e 1 ]] || fail "the list is lost, or a job ran"
echo kept >log
expect_status 73 gentlify --joblog log --junit nowhere/x true ::: 1
[[ $(<log) == kept ]] || fail "the log was emptied for another's sake"
mkfifo unread
expect_status 73 gentlify --joblog unread true ::: 1
