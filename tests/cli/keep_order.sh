#!/usr/bin/env bash
# -k shows what jobs write in the order of their items, whatever the order of their ends.
. "$(dirname "$0")/../lib.sh"

# Each job ends before the one before it does: each waits for a file that the next one makes.
cat >backwards <<'E2'
echo "begin $1"
while [ $1 -lt 5 ] && [ ! -e done.$(($1 + 1)) ]; do sleep 0.01; done
echo "end $1"
echo "err $1" >&2
: >done.$1
E2
for mode in group line; do
  rm -f done.*
  expect_status 0 gentlify -q -k --output $mode -j 5 --controller fixed sh backwards ::: 1 2 3 4 5
  expect_stdout 'begin 1' 'end 1' 'begin 2' 'end 2' 'begin 3' 'end 3' 'begin 4' 'end 4' 'begin 5' 'end 5'
  [[ $(<"$err") == $'err 1\nerr 2\nerr 3\nerr 4\nerr 5' ]] || fail "$mode: stderr is out of order"
done

# In line mode the job whose turn it is shows its lines while it runs.
make_gate
start gentlify -k --output line -j 2 --controller fixed sh -c 'echo $1; [ $1 = 2 ] || read x <go' sh ::: 1 2
wait_for grep -qx 1 "$out"
echo >&9
expect_end 0
expect_stdout 1 2

# Jobs that never run, that run again and that fail have their turn like others.
printf '%s\n' 1 2 "$(head -c 200000 /dev/zero | tr '\0' x)" 4 5 6 >items
expect_status 1 gentlify -k -j 3 --controller fixed --retries 1 --retry-base-delay 0.05 -a items sh -c '
  echo $1.$GENTLIFY_ATTEMPT
  case $1 in 2) [ $GENTLIFY_ATTEMPT = 2 ];; 5) exit 3;; esac' sh
expect_stdout 1.1 2.2 4.1 5.2 6.1
expect_status 1 gentlify -k --all-attempts -j 3 --controller fixed --retries 1 --retry-base-delay 0.05 -a items sh -c '
  echo $1.$GENTLIFY_ATTEMPT
  case $1 in 2) [ $GENTLIFY_ATTEMPT = 2 ];; 5) exit 3;; esac' sh
expect_stdout 1.1 2.1 2.2 4.1 5.1 5.2 6.1

# What an attempt has left behind writes for a while; what came before the next attempt is shown.
cat >lingering <<'E2'
if [ $GENTLIFY_ATTEMPT = 1 ]; then
  echo first $1
  (trap '' TERM; exec sleep 5) &
  exit 1
fi
echo second $1
E2
expect_status 0 gentlify -q -k --all-attempts --retry-base-delay 10ms -j 1 sh lingering ::: a b
expect_stdout 'first a' 'second a' 'first b' 'second b'

# A program that is not there: those that are have their turn.
expect_status 1 gentlify -k -j 2 '{}' x ::: echo nowhere.at.all echo
expect_stdout x x

# A drain: what has run is shown, though a job before it waited for its retry.
start gentlify -k -j 3 --controller fixed --retries 1 --retry-base-delay 1m sh -c '
  case $1 in 1) exit 1;; 3) echo 3; : >ended; read x <go;; *) echo $1;; esac' sh ::: 1 2 3 4 5 6 7 8 9
wait_for test -e ended
kill -TERM "$pid"
wait_for grep -q 'draining' "$err"
echo >&9
expect_end 143
grep -qx 2 "$out" && grep -qx 3 "$out" || fail "output of jobs that ended is lost"
sort -c "$out" || fail "out of order"

# The job whose turn it is runs again while all others wait for its output, with no room for more of
# theirs: it may start, and nothing is lost.
expect_status 0 gentlify -k -j 2 --controller fixed --spool-max 0 --retries 2 --retry-base-delay 0.2 sh -c '
  if [ $1 = 1 ]; then [ $GENTLIFY_ATTEMPT = 3 ] || exit 1; echo first; else seq 3000000; fi' sh ::: 1 2 3 4
cksum <"$out" >have
(echo first; for job in 2 3 4; do seq 3000000; done) | cksum >want
cmp -s want have || fail "bytes are lost or changed"

expect_status 64 gentlify -u -k echo ::: a
expect_stderr_matches '^gentlify: keep_order = true \(-k\) orders .* output = inherit \(-u\)'
