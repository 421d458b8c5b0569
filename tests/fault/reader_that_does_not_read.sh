#!/usr/bin/env bash
# Where nobody reads what the jobs write, timers and signals still do their work.
. "$(dirname "$0")/../lib.sh"

mkfifo unread
exec 7<>unread
start bash -c 'exec gentlify -j 2 --controller fixed --timeout 1 --kill-grace 0.5 \
  sh -c "$0" sh ::: much deaf later >unread' '
  [ $1 = later ] && touch later
  [ $1 = much ] && exec seq 600000
  trap "touch told" TERM
  echo $$ >pid
  while :; do sleep 300 & wait; done'
wait_for test -s pid
# TERM at the timeout, KILL after the grace.
wait_for test -e told
gone() { ! is_alive "$(<pid)"; }
wait_for gone
shows_none_running() { kill -USR1 "$pid" && grep -q '0 running' "$err"; }
wait_for shows_none_running
[[ ! -e later ]] || fail "a job was started although nobody reads"
# It waits for its reader, but after a second signal no longer than the grace.
kill -TERM "$pid"
kill -INT "$pid"
status=0
wait "$pid" || status=$?
pid=
((status == 130 || status == 143)) || fail "exit $status"
