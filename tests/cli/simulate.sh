#!/usr/bin/env bash
# `gentlify simulate` shows what the settings make of a modelled service, the same every time.
. "$(dirname "$0")/../lib.sh"

model=$(dirname "$0")/../../man/model.toml

expect_status 0 gentlify simulate --model "$model" -j 64
for word in makespan oracle efficiency 'jobs done' 'jobs lost' attempts refused 'in an outage' \
  'most in flight' overshoot recovery 'behind slots'; do
  grep -q "^ *$word " "$out" || fail "the table does not tell of: $word"
done
cp "$out" first
expect_status 0 gentlify simulate --model "$model" -j 64
diff first "$out" || fail "the same seed does not give the same run"
expect_status 0 gentlify simulate --model "$model" -j 64 --seed 2
if diff -q first "$out" >/dev/null; then fail "another seed gives the same run"; fi

# The settings are those of a run: these are a cap of 5 and one start a second.
printf '[jobs]\nvariation = 0\njitter = 0\nduration = "2s"\n' >plain.toml
expect_status 0 gentlify simulate --model plain.toml -j 5 --controller fixed --total 20
grep -qE '^makespan +8\.0s' "$out" || fail "20 jobs of 2s, 5 at once, take 8s"
grep -qE '^oracle +8\.0s' "$out" || fail "nor can they take less"
GENTLIFY_RATE=1/s expect_status 0 gentlify simulate --model plain.toml -j 5 --controller fixed --total 20
grep -qE '^makespan +21s' "$out" || fail "20 jobs of 2s, one a second, take 21s"
grep -qE '^ +behind rate +20s' "$out" || fail "for 20s it is the rate that binds"

# What jobs cost counts as in a run.
expect_status 0 gentlify simulate --model plain.toml -j 5 --controller fixed --total 4 \
  --cost 1000 --token-budget 2000/10s
grep -qE '^makespan +12s' "$out" || fail "two at once and two after 10s take 12s"

# A job that takes longer than its time-out is given up, by the oracle too.
printf '[jobs]\ncount = 10\nduration = "1s"\ntimeout = "100ms"\n' >slow.toml
expect_status 0 timeout 20 gentlify simulate --model slow.toml --controller fixed
grep -qE '^jobs lost +10' "$out" || fail "all ten are lost"

expect_status 0 gentlify simulate --model "$model" --runs 3 --seed 7 --total 500 --json
(($(wc -l <"$out") == 1)) || fail "--json is not one line"
(($(grep -o '"seed":[789],' "$out" | wc -l) == 3)) || fail "--json does not tell of seeds 7, 8 and 9"
if command -v python3 >/dev/null; then
  python3 - "$out" <<'END' || fail "--json is not right"
import json, sys
told = json.load(open(sys.argv[1]))
assert len(told["runs"]) == 3
for run in told["runs"]:
    assert run["end"] == "settled" and run["jobs"] == 500
    assert run["good"] == run["done"] + run["lost"]
    ways = ["done", "refused", "outage_failures", "timeouts", "noise", "broken"]
    assert run["attempts"] == sum(run[way] for way in ways)
    assert 0 < run["efficiency"] <= 1
    assert sum(run["waited"].values()) <= run["makespan"] + 1e-6
mean = sum(run["makespan"] for run in told["runs"]) / 3
assert abs(told["mean"]["makespan"] - mean) < 1e-6
END
fi

expect_status 0 gentlify simulate --model "$model" -j 16 --trace trace.csv
head -n 1 trace.csv | grep -qx 'time,limit,rate,in_flight' || fail "the trace has no header"
(($(wc -l <trace.csv) > 1000)) || fail "the trace is too short"
awk -F, 'NR > 1 && (NF != 4 || $1 + 0 < last || $2 < 1 || $2 > 16 || $4 > 16) { exit 1 }
         { last = $1 + 0 }' trace.csv || fail "a line of the trace is not right"

expect_status 0 gentlify simulate --help
for flag in --model --seed --runs --json --trace --max-concurrency --retries; do
  grep -qE -e "(^|[ ,])$flag( |\$)" "$out" || fail "simulate --help does not name $flag"
done
if grep -q -e --success-exit "$out"; then fail "simulate --help names what it does not look at"; fi
