#!/usr/bin/env bash
# However the run ends, and however its jobs' processes hide, multiply and defend themselves, all of
# them are gone in time.
. "$(dirname "$0")/../lib.sh"

# Forks when it is told to end, into its group and out of it.
cat >storm <<'END'
trap 'sleep 300 & setsid sleep 300 &' TERM
echo >>ready
while :; do sleep 300 & wait; done
END
# Is gone, and its successor here, before it can be looked at twice.
cat >comet <<'END'
sh comet &
END
cat >hide <<'END'
sleep 300 &
setsid sleep 300 &
(setsid sh -c 'sleep 300 & sleep 300 &' &)
(trap '' TERM HUP INT; exec sleep 300) &
(setsid sh -c 'kill -STOP $$; sleep 300' &)
sh -c 'kill -STOP $$; sleep 300' &
sh comet &
setsid sh comet &
for i in $(seq 200); do sh storm & done
until [ $(wc -l <ready) = 200 ]; do sleep 0.05; done
touch hidden
[ "$1" = leave ] || wait
END

# The mark is in the environment of gentlify and of all that it starts.
left() { grep -lazx "MARK=$TMPDIR" /proc/[0-9]*/environ 2>/dev/null | wc -l; }
none_left() { (($(left) == 0)); }
since() { echo $(((${EPOCHREALTIME/./} - $1) / 1000)); }

# run_hiding HOW: a run whose only job does that.
run_hiding() {
  rm -f ready hidden
  start env MARK="$TMPDIR" gentlify --kill-grace 0.5 sh hide ::: "$1"
  wait_for test -e hidden
  begin=${EPOCHREALTIME/./}
}
# expect_none_left MS WHEN: nothing is alive, no later than MS, and what a busy machine adds, after
# `begin`.
expect_none_left() {
  none_left || fail "$2: $(left) processes are alive"
  local ms
  ms=$(since "$begin")
  echo "$2: $ms ms"
  ((ms < $1 + 5000)) || fail "$2: it took $ms ms"
}

# Their pipes are read for 2 s; then TERM, 2 s, KILL.
run_hiding leave
expect_end 0
expect_none_left 4500 "the end of the job"

run_hiding stay
kill -TERM "$pid"
wait_for grep -q draining "$err"
begin=${EPOCHREALTIME/./}
kill -INT "$pid"
expect_end 130
expect_none_left 1500 "TERM, then INT"

run_hiding stay
kill -QUIT "$pid"
expect_end 131
expect_none_left 1000 "QUIT"

run_hiding stay
kill -KILL "$(worker)"
expect_end 137
expect_none_left 1000 "KILL of the worker"

run_hiding stay
kill -KILL "$pid"
expect_end 137
wait_for none_left
expect_none_left 1000 "KILL of the guardian"
