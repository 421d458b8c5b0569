#!/usr/bin/env bash
# gentlify push puts jobs into the list that the runs of a fleet share.
. "$(dirname "$0")/../fleet_lib.sh"
start_server

url=$(url night)
pushed() { redis-cli -p "$port" --raw XRANGE 'gt:{night}:jobs' - + | tr '\n' ' '; }

expect_status 0 gentlify push --fleet "$url" ::: a 'b c'
grep -qx 'gentlify: 2 jobs pushed, 2 in all' "$err" || fail "it is not told how many were pushed"
printf 'd\n\ne\n' >"$TMPDIR/list"
expect_status 0 gentlify push -q --fleet "$url" -a "$TMPDIR/list"
[[ ! -s $err ]] || fail "-q says something"
printf 'f\ng\0' | expect_status 0 gentlify push --fleet "$url" -0
grep -qx 'gentlify: 1 job pushed, 5 in all' "$err" || fail "-0 does not end items with a NUL"
[[ $(pushed) == '1-0 i a 2-0 i b c 3-0 i d 4-0 i e 5-0 i f g ' ]] || fail "the list is $(pushed)"

# More than one call holds.
seq 1 1234 | expect_status 0 gentlify push --fleet "$url"
grep -qx 'gentlify: 1234 jobs pushed, 1239 in all' "$err" || fail "not all were pushed"

# What a pipe brings does not wait for more.
mkfifo pipe
gentlify push -q --fleet "${url%night}feed" <pipe &
exec 8>pipe
has() { [[ $(redis-cli -p "$port" XLEN 'gt:{feed}:jobs') == "$1" ]]; }
echo one >&8
wait_for has 1
echo two >&8
wait_for has 2
exec 8>&-
wait $! || fail "what a pipe brings cannot be pushed"

# What was pushed before an item that cannot be is there.
{
  echo h
  head -c 600000 /dev/zero | tr '\0' x
  echo
  echo i
} | expect_status 65 gentlify push --fleet "$url"
grep -q 'item 2 cannot be pushed: it has 600000 bytes.*; 1 job before that pushed$' "$err" ||
  fail "the long item is not refused"
[[ $(redis-cli -p "$port" XLEN 'gt:{night}:jobs') == 1240 ]] || fail "the list is not 1240 long"

expect_status 0 gentlify push --fleet "$url" --end </dev/null
grep -qx 'gentlify: 0 jobs pushed, 1240 in all; the list has ended' "$err" || fail "nor its end"
expect_status 73 gentlify push --fleet "$url" ::: j
grep -q 'the list of jobs in the fleet night has ended' "$err" || fail "a list that ended goes on"
# Nobody's calls are remembered.
redis-cli -p "$port" HKEYS 'gt:{night}:jm' | grep -q '^p' && fail "a push is still remembered"

expect_status 64 gentlify push ::: a
expect_status 64 gentlify push --fleet "$url" cat ::: a
expect_status 64 gentlify push --fleet "$url" ::: a ::: b

redis-cli -p "$port" config set requirepass secret >/dev/null
expect_status 77 gentlify push --fleet "$url" ::: a
expect_status 0 gentlify push --fleet "redis://:secret@127.0.0.1:$port/day" ::: a
kill "$server"
wait "$server" || true
expect_status 69 gentlify push --fleet "$url" ::: a
grep -q '0 jobs pushed' "$err" || fail "it is not told what was pushed"
