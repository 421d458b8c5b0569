#!/usr/bin/env bash
# --on-event is told what is of note, and --on-retry of each attempt that is to be made again.
. "$(dirname "$0")/../lib.sh"

echo 'The records are the journal'"'"'s, from the first to the last.'
# shellcheck disable=SC2016
expect_status 1 gentlify -j 2 --retries 1 --retry-base-delay 1ms --label team=blue --journal journal \
  --circuit-breaker-consecutive-failures 3 --circuit-breaker-open-duration 10ms \
  --on-event 'cat >>events' --on-retry 'cat >>retries; echo "$GENTLIFY_SEQ $GENTLIFY_ATTEMPT $1" >>args' \
  sh -c 'echo "no $1" >&2; [ "$1" = ok ]' sh ::: ok a b c d
python3 - <<'PY' || fail "other records than expected"
import json
def read(name): return [json.loads(line) for line in open(name)]
def key(r): return {k: v for k, v in r.items() if k not in ("at", "sum", "for", "job", "ran", "wait")}
told, journal = read("events"), read("journal")
assert told[0]["t"] == "head" and told[0]["labels"] == {"team": "blue"}, told[0]
assert told[-1]["t"] == "close" and told[-1]["done"] == 1 and told[-1]["failed"] == 4, told[-1]
assert told[-1]["exit"] == 1, told[-1]
wanted = [r for r in journal if r["t"] == "state" and r["what"] != "ramp"
          or r["t"] == "end" and r["fate"] == "failed"]
assert [key(r) for r in told[1:-1]] == [key(r) for r in wanted], (told, wanted)
assert sum(r["t"] == "end" for r in told) == 4
assert any(r.get("what") == "circuit" for r in told), told
retries = [r for r in journal if r["t"] == "end" and r["fate"] == "retry"]
order = lambda r: (r["seq"], r["try"])
assert sorted(map(key, read("retries")), key=order) == sorted(map(key, retries), key=order)
assert {order(r) for r in retries} >= {(seq, 1) for seq in (2, 3, 4, 5)}, retries
assert sorted(open("args").read().split("\n")[:-1]) == sorted(
    f"{r['seq']} {r['try']} {'abcd'[r['seq'] - 2]}" for r in retries)
PY

echo 'What happens while it runs is told by the next call, and no two run at once.'
make_gate
# shellcheck disable=SC2016
expect_status 1 gentlify -j 1 --retries 0 --circuit-breaker-consecutive-failures 0 --controller fixed \
  --on-event 'mkdir one || echo two >>clash; wc -l >>calls; [ -e waited ] || { touch waited; read x <go; }; rmdir one' \
  sh -c 'if [ "$1" = 3 ]; then echo >go; fi; exit 1' sh ::: 1 2 3
[[ ! -e clash ]] || fail "two at once"
sed -n 1p calls | grep -qx 1 || fail "the first call has more than the head: $(<calls)"
[[ $(awk '{ n += $1 } END { print n }' calls) == 5 ]] || fail "not all was told: $(<calls)"

echo 'A run that is halted tells of that, and of its end.'
# shellcheck disable=SC2016
expect_status 1 gentlify -j 2 --retries 0 --halt now,fail=1 --on-event 'cat >>halted' \
  sh -c 'if [ "$1" = 2 ]; then touch two; exec sleep 300; fi; until [ -e two ]; do sleep 0.02; done; exit 1' sh ::: 1 2 3
[[ $(grep -oE '"what":"[a-z]+"|"t":"close"' halted | tr '\n' ' ') == '"what":"stop" "what":"drain" "t":"close" ' ]] ||
  fail "told of: $(<halted)"

echo 'It works where the jobs do, in their environment.'
mkdir there
# shellcheck disable=SC2016
GENTLIFY_QUIET=true expect_status 0 gentlify --workdir there --report \
  --on-event 'cat >/dev/null; pwd >where; env >env' true ::: a
[[ $(<there/where) == "$PWD/there" ]] || fail "it ran in $(<there/where)"
grep -q '^GENTLIFY_RUN=[0-9a-f]\{16\}$' there/env || fail "no GENTLIFY_RUN"
[[ $(grep -c '^GENTLIFY_' there/env) == 1 ]] || fail "more than that: $(grep '^GENTLIFY_' there/env)"

echo 'What it writes comes on stderr, line by line.'
expect_status 0 gentlify --on-event 'cat >/dev/null; echo one; printf "\033[2Jtwo" >&2' true ::: a
expect_stdout </dev/null
expect_stderr_matches '^one$'
expect_stderr_matches $'^\e\\[2Jtwo$'

echo 'An empty command is none.'
expect_status 0 gentlify --on-event '' --on-retry '' --fallback '' true ::: a
