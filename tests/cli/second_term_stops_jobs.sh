#!/usr/bin/env bash
# A second SIGTERM ends the jobs: TERM to their groups, KILL after the grace to those that stay.
. "$(dirname "$0")/../lib.sh"

cat >job <<'END'
#!/bin/sh
[ "$1" = deaf ] && trap '' TERM
echo $$ >"pid.$1"
sleep 300 &
echo $! >"child.$1"
wait
sleep 300
END
chmod +x job
start gentlify -j 2 --controller fixed --kill-grace 0.5 --journal run.jnl ./job ::: good deaf later
wait_for test -s child.good -a -s child.deaf
kill -TERM "$pid"
wait_for grep -q draining "$err"
# Signals of one kind within 250 ms count once; INT is another kind.
kill -INT "$pid"
expect_end 130
expect_stderr_matches '^gentlify: stopping 2 running jobs; what still runs in 0.5s is killed$'
[[ $(grep -oE '"what":"(drain|stop|kill)"' run.jnl | tr '\n' ' ') == '"what":"drain" "what":"stop" "what":"kill" ' ]] ||
  fail "the journal does not say how the run was ended"
expect_stderr_matches ': 0 ok, 2 unfinished, 1 not started$'
for file in pid.good child.good pid.deaf child.deaf; do
  ! is_alive "$(<$file)" || fail "$file is still alive"
done
[[ ! -e pid.later ]] || fail "a job was started after the signal"
