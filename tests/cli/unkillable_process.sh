#!/usr/bin/env bash
# A process that KILL does not end is told of; the run goes on beside it and ends without it.
. "$(dirname "$0")/../lib.sh"

# Version 1 of the freezer makes such processes; they end when it lets them go.
export group=/sys/fs/cgroup/freezer/gentlify-test.$$
mkdir "$group" 2>/dev/null || skip "no process can be frozen here (cgroup version 1, freezer)"
clean_up() {
  echo THAWED >"$group"/freezer.state
  jobs -p | xargs --no-run-if-empty kill -KILL
  wait_for rmdir "$group"
} 2>/dev/null
trap clean_up EXIT
echo FROZEN >"$group"/freezer.state
freeze='echo $$ >$group/cgroup.procs'

# At once, since each takes 15 s.
gentlify -j 1 --timeout 100ms --kill-grace 0 sh -c "[ \$1 != 1 ] || $freeze; echo \$1" sh ::: 1 2 3 \
  >stdout.timeout 2>stderr.timeout &
timeout=$!
env --default-signal=QUIT gentlify sh -c "touch runs; $freeze" sh ::: a b 2>stderr.quit &
quit=$!
gentlify sh -c "sh -c '$freeze' & exit 0" sh ::: a 2>stderr.leftover &
leftover=$!
wait_for test -e runs
kill -QUIT "$quit"

# ended NAME N: the run NAME ends, and exits N.
ended() {
  local status=0
  wait "${!1}" || status=$?
  cp stderr."$1" "$err"
  ((status == $2)) || fail "$1: exit $status, expected $2"
}

ended timeout 1
[[ $(<stdout.timeout) == $'2\n3' ]] || fail "the other jobs have not run: $(<stdout.timeout)"
expect_stderr_matches '^gentlify: unkillable pid [0-9]+: job 1 has survived SIGKILL for 15s; '
expect_stderr_matches '^gentlify: failed: job 1: .*: timeout after 0.1s, and then it could not be killed$'
ended quit 131
expect_stderr_matches '^gentlify: unkillable pid [0-9]+: job 1 has survived SIGKILL for 15s; '
ended leftover 0
expect_stderr_matches '^gentlify: unkillable pid [0-9]+: it has survived SIGKILL for 15s and is left'
