#!/usr/bin/env bash
# gentlify ctl looks at a run and steers it: limits, a pause, single jobs.
. "$(dirname "$0")/../lib.sh"

socket=$TMPDIR/run.sock
ctl() { gentlify ctl --control "$socket" "$@"; }
at_least_running() { (($(ls at.* 2>/dev/null | wc -l) >= $1)); }

make_gate
out=$TMPDIR/run.out err=$TMPDIR/run.err # what it says does not mix with what it answers
start gentlify --control "$socket" --controller fixed --retries 0 -j 2 --journal run.jnl \
  sh -c 'touch at.$1; echo "begin $1"; read x <go' sh ::: 1 2 3 4 5 6 7 8
out=$TMPDIR/stdout err=$TMPDIR/stderr
wait_for at_least_running 2

expect_status 0 ctl status
grep -q '0% 0/8 .* 2 running, limit 2' "$out" || fail "status does not tell how the run stands"
grep -qF "max_concurrency 2, rate none" "$out" || fail "status does not tell the limits"
expect_status 0 ctl --json status
/usr/bin/python3 - "$out" "$pid" <<'END' || fail "status --json is not as documented"
import json, sys
status = json.load(open(sys.argv[1]))
assert status["t"] == "status" and status["pid"] == int(sys.argv[2]), status
assert status["running"] == 2 and status["limit"] == 2 and status["total"] == 8, status
assert status["settings"] == {"max_concurrency": "2", "rate": "none", "token_budget.max": "none"}, status
assert status["command"].startswith("sh -c") and not status["paused"], status
END

# The table of running jobs tells what each has written last.
shows_lines() { ctl top >"$out" && grep -q 'begin 1$' "$out" && grep -q 'begin 2$' "$out"; }
wait_for shows_lines

# A limit takes effect at once, in both directions.
expect_status 0 ctl set max_concurrency 4
expect_stdout 'max_concurrency is 4'
wait_for at_least_running 4
expect_status 0 ctl set jobs 1
expect_stdout 'max_concurrency is 1'
echo >&9
ended() { [[ $(grep -c '"t":"end"' run.jnl) == "$1" ]]; }
wait_for ended 1
expect_status 0 ctl status --json
grep -q '"running":3,"limit":1,' "$out" || fail "three run on, and none beside them"

# Nothing starts during a pause; what runs goes on.
expect_status 0 ctl pause 1h
expect_stdout 'paused for 1h 0m'
expect_status 0 ctl pause 1s
grep -q 'paused for .* already, which is longer' "$out" || fail "a shorter pause is said to hold"
for _ in 1 2 3; do echo >&9; done
wait_for ended 4
expect_status 0 ctl status --json
grep -q '"running":0,.*"gate":"pause"' "$out" || fail "something runs during the pause, or it is not told"
! at_least_running 5 || fail "a job started during the pause"
expect_status 0 ctl resume
expect_stdout 'going on'
wait_for at_least_running 5
expect_status 0 ctl resume
expect_stdout 'it is not paused'

# A job that is killed does not run again, and the run goes on.
expect_status 0 ctl kill 5
expect_stdout 'job 5 is told to end'
wait_for at_least_running 6
expect_status 1 ctl kill 5
expect_stderr_matches 'gentlify: job 5 does not run'

# What is asked in vain is told, with what would be right.
expect_status 64 ctl set max_concurrency 0.5
expect_stderr_matches 'max_concurrency 0.5: must be'
expect_status 64 ctl set output line
expect_stderr_matches 'output cannot be changed while the run goes; max_concurrency, rate, token_budget.max can'
expect_status 1 ctl set max_concurrency 0
expect_stderr_matches 'without a cap there must be a rate'
expect_status 1 ctl set token_budget.max 7
expect_stderr_matches 'this run has no budget'
expect_status 64 ctl pause 0
expect_status 64 ctl pause soon
expect_status 64 ctl status now
expect_status 64 ctl dance
expect_stderr_matches 'dance is nothing that a run can do'
expect_status 64 ctl
expect_status 64 gentlify ctl --jobs 3 status
expect_stderr_matches 'gentlify ctl takes --control, --fleet and --json'

# A drain is as SIGTERM has it.
expect_status 0 ctl drain
expect_stdout 'draining: 1 running job left'
expect_status 1 ctl pause
expect_stderr_matches 'the run ends'
echo >&9
expect_end 143
[[ ! -e $socket ]] || fail "the socket is left over"
grep -q '"t":"state".*"what":"set","key":"max_concurrency","value":"4"' run.jnl ||
  fail "the journal does not have the change"
grep -q '"t":"state".*"what":"pause","on":true,.*"by_hand":true' run.jnl ||
  fail "the journal does not have the pause"
grep -q '"seq":5,.*"outcome":"permanent".*ended by gentlify ctl kill' run.jnl ||
  fail "the journal does not say what ended job 5"
expect_status 66 ctl status
expect_stderr_matches "no run listens at"
