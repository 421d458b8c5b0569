#!/usr/bin/env bash
# --journal: each line is a JSON object, of which the last member is a checksum; commands and output of
# jobs are in it as far as was asked for.
. "$(dirname "$0")/../lib.sh"

cat >"$TMPDIR/journal.py" <<'PYTHON'
import json, re, sys

records = []
for line in open(sys.argv[1], encoding="utf-8"):
    assert re.search(r',"sum":"[0-9a-f]{16}"}\n$', line), line
    record = json.loads(line)
    assert list(record)[0] == "t" and list(record)[-1] == "sum", line
    records.append(record)

def of(kind, *members):
    return [tuple(r.get(m) for m in members) for r in records if r["t"] == kind]

def expect(found, *wanted):
    assert found == list(wanted), found
PYTHON
# expect_records FILE: what stands on stdin, in Python, holds for its records.
expect_records() {
  cat "$TMPDIR/journal.py" - | python3 - "$1" || fail "the records in $1 are not as they should be: $(<"$1")"
}

job='echo "out of $1"; echo first >&2; echo "last of $1 at https://me:pass@host/" >&2; exit $1'
run=(-j 1 --controller fixed --retries 1 --retry-base-delay 1ms --output discard sh -c "$job" sh)
expect_status 1 gentlify --journal run --label team=a "${run[@]}" ::: 0 65 3
expect_status 1 gentlify --resume --journal run "${run[@]}" ::: 0 65 3
expect_records run <<'PYTHON'
order = [r["t"] for r in records if r["t"] != "block"]
expect(order, "head", "head", *["start", "end"] * 4, "close", "head", "close")
expect(of("head", "format", "session", "identity"), *[(1, 1, "number")] * 2, (1, 2, "number"))
expect(of("head", "labels"), *[({"team": "a"},)] * 2, ({},))
assert len(set(of("head", "run"))) == 1, of("head", "run")
expect(of("start", "seq", "try", "slot"), (1, 1, 1), (2, 1, 1), (3, 1, 1), (3, 2, 1))
expect(of("end", "seq", "try", "outcome", "fate", "exit", "reason"),
       (1, 1, "success", "done", 0, "exit 0"), (2, 1, "permanent", "failed", 65, "exit 65"),
       (3, 1, "failure", "retry", 3, "exit 3"), (3, 2, "failure", "failed", 3, "exit 3"))
expect(of("end", "last_line"), *[(f"last of {i} at https://me:***@host/",) for i in (0, 65, 3, 3)])
expect(of("start", "command"), *[(None,)] * 4)
expect(of("block", "first", "items", "last"), (1, 3, True))
expect(of("close", "done", "failed", "exit"), *[(1, 2, 1)] * 2)
PYTHON
! grep -qE 'out of|first of|pass@' run || fail "there is more of the jobs in it"

expect_status 1 gentlify --journal-output none --journal silent "${run[@]}" ::: 3
! grep -q 'last' <(grep '"t":"end"' silent) || fail "the output of a job is in it: $(<silent)"

expect_status 0 gentlify --journal-commands --journal told -j 1 echo 'https://me:pass@host/{}' ::: 'a b' $'\n"\xff'
expect_records told <<'PYTHON'
commands = [command for (command,) in of("start", "command")]
assert commands[0] == "echo 'https://me:***@host/a b'" and len(commands) == 2, commands
PYTHON
! grep -q 'pass@' told || fail "a password is in it"
expect_status 0 gentlify --journal untold echo secret ::: item
! grep -qE 'secret|item"' untold || fail "a command is in it: $(<untold)"
