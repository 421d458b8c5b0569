#!/usr/bin/env bash
# A fallback that does not end is ended, and what it did not finish is not lost.
. "$(dirname "$0")/../lib.sh"

echo 'With its timeout all of it is ended, and the job has failed.'
# shellcheck disable=SC2016
tree='echo $$ >pids; sleep 300 & echo $! >>pids; wait'
expect_status 1 gentlify --retries 0 --hook-timeout 100ms --fallback "$tree" false ::: a
expect_stderr_matches '^gentlify: failed: job 1: .*: exit 1 \(and its fallback: timeout after 0\.1s\)$'
for pid in $(<pids); do ! is_alive "$pid" || fail "process $pid is still alive"; done
# shellcheck disable=SC2016
deaf='trap "" TERM; echo $$ >deaf.pid; while :; do sleep 1; done'
expect_status 1 gentlify --retries 0 --hook-timeout 100ms --kill-grace 100ms --fallback "$deaf" false ::: a
! is_alive "$(<deaf.pid)" || fail "the deaf fallback is still alive"

echo 'A drain lets it end; a stop ends it, and its job is not done: the next run has it.'
make_gate
# shellcheck disable=SC2016
slow='echo $$ >slow.pid; read x <go; echo "saved $1"'
start gentlify --retries 0 --hook-timeout none --journal drained --fallback "$slow" false ::: a
wait_for test -s slow.pid
kill -TERM "$pid"
wait_for grep -q '"what":"drain"' drained
is_alive "$(<slow.pid)" || fail "the drain has ended it"
echo >&9
expect_end 0
expect_stdout 'saved a'

rm slow.pid
# shellcheck disable=SC2016
start gentlify -j 1 --retries 0 --hook-timeout none --journal journal --not-done rest --fallback "$slow" \
  sh -c 'echo x >>tries."$1"; [ "$1" = b ]' sh ::: a b
wait_for test -s slow.pid
wait_for test -s tries.b
kill -TERM "$pid"
wait_for grep -q '"what":"drain"' journal
kill -INT "$pid"
expect_end 130
! is_alive "$(<slow.pid)" || fail "the fallback is still alive"
expect_stderr_matches '1 ok, 1 unfinished'
[[ $(<rest) == a ]] || fail "not done: $(<rest)"
# shellcheck disable=SC2016
expect_status 0 gentlify -j 1 --retries 0 --journal journal --resume --fallback 'echo "again $1"' \
  sh -c 'echo x >>tries."$1"; [ "$1" = b ]' sh ::: a b
expect_stdout 'again a'
expect_stderr_matches 'going on with the run in journal: 1 of 2 jobs done, 1 begun and not finished$'
[[ $(cat tries.a | wc -l) == 2 && $(cat tries.b | wc -l) == 1 ]] || fail "other attempts than expected"

echo 'So it is after a crash.'
rm slow.pid
start gentlify --retries 0 --hook-timeout none --journal crashed --fallback "$slow" false ::: a
wait_for test -s slow.pid
kill -KILL "$(worker)"
expect_end 137
! is_alive "$(<slow.pid)" || fail "the fallback has outlived the run"
expect_status 0 gentlify --retries 0 --journal crashed --resume --fallback 'echo "again $1"' false ::: a
expect_stdout 'again a'
