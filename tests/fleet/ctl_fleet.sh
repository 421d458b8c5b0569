#!/usr/bin/env bash
# gentlify ctl --fleet looks at a fleet and steers it, without a run on this machine.
. "$(dirname "$0")/../fleet_lib.sh"
start_server

url=$(url night)
ctl() { gentlify ctl --fleet "$url" "$@"; }

expect_status 66 ctl status
grep -q 'there is no fleet night' "$err" || fail "it is not told that there is no such fleet"

# A host that wants more than it has.
start_host night gentlify --fleet "$url" --fleet-ttl 2s --fleet-concurrency 3 --rate 10/s -j 8 \
  --controller fixed sh -c 'echo >>started; exec sleep 300' sh ::: 1 2 3 4 5
all_started() { (($(wc -l <started) == 3)); }
: >started
wait_for all_started
holds_all() { ctl status >status && grep -q '^ *[0-9a-f]\{16\}  *3  more   .* ago$' status; }
wait_for holds_all

GENTLIFY_FLEET=$url expect_status 0 gentlify ctl status
grep -qx 'fleet night: going' "$out" || fail "status does not tell how the fleet stands"
grep -qx '3 slots held by 1 host' "$out" || fail "status does not tell what is held"
grep -qx 'fleet_concurrency 3, rate 10/s, token_budget.max none' "$out" || fail "nor the limits"

expect_status 0 ctl pause 1h
expect_stdout 'paused for 1h 0m'
expect_status 0 ctl pause 1s
grep -q 'paused for .* already, which is longer' "$out" || fail "a shorter pause is said to hold"
expect_status 0 ctl set fleet-concurrency 2
expect_stdout 'fleet_concurrency is 2'
expect_status 0 ctl set rate 5/2s
expect_stdout 'rate is 5/2s'
expect_status 0 ctl --json status
/usr/bin/python3 - "$out" <<'END' || fail "status --json is not as documented"
import json, sys
status = json.load(open(sys.argv[1]))
assert status["t"] == "fleet" and status["fleet"] == "night", status
assert status["paused"] and status["warm_s"] == 0 and status["circuit"] == "closed", status
assert 3400 < status["pause_left_s"] <= 3600, status
assert status["fleet_concurrency"] in (2, 3) and status["set"]["fleet_concurrency"] == 2, status
assert status["rate"]["amount"] in (5, 10), status
assert status["set"]["rate"] == {"amount": 5, "period_s": 2}, status
assert status["token_budget"] is None and status["held"] == 3, status
[host] = status["hosts"]
assert len(host["id"]) == 16 and host["held"] == 3 and host["wants"], host
assert host["heard_s"] >= 0 and host["gone"] is False, host
END
expect_status 0 ctl resume
expect_stdout 'going on'
expect_status 0 ctl resume
expect_stdout 'it is not paused'
expect_status 0 ctl set fleet_concurrency none
expect_status 1 ctl set token_budget.max 5

# One host cannot set what is the fleet's.
gentlify --fleet "${url%night}day" --token-budget-max 100 --token-budget-window 1m --control socket \
  true ::: 1 2>host.err &
host=$!
hosts+=("$host")
wait_for test -S socket
expect_status 1 gentlify ctl --control socket set token_budget.max 50
expect_stderr_matches 'token_budget.max: it is the fleet'
kill "$host"
wait "$host" || true

# What it cannot do is told before anybody is asked.
expect_status 64 ctl set max_concurrency 4
expect_status 64 ctl set rate fast
expect_status 64 ctl pause soon
expect_status 64 ctl resume now
expect_status 64 ctl drain
expect_status 64 ctl --json resume
expect_status 64 gentlify ctl --fleet "$url" --control x status
expect_status 64 gentlify ctl --fleet "redis://:secret@/n" status
! grep -q secret "$err" || fail "the password is told"

redis-cli -p "$port" CONFIG SET requirepass right >/dev/null
expect_status 77 gentlify ctl --fleet "redis://:wrong@127.0.0.1:$port/night" status
! grep -q wrong "$err" || fail "the password is told"
