#!/usr/bin/env bash
# --journal: each line is a JSON object, of which the last member is a checksum; commands and output of
# jobs are in it as far as was asked for.
. "$(dirname "$0")/../lib.sh"

# records FILE EXPRESSION: a line for each record r for which the expression, in Python, is not None.
records() {
  python3 - "$@" <<'PYTHON'
import json, re, sys
for line in open(sys.argv[1], encoding="utf-8"):
    assert line.endswith("}\n") and re.search(r',"sum":"[0-9a-f]{16}"}\n$', line), line
    r = json.loads(line)
    assert list(r)[0] == "t" and list(r)[-1] == "sum", line
    value = eval(sys.argv[2])
    if value is not None:
        print(value)
PYTHON
}
# expect_records FILE EXPRESSION LINE...
expect_records() {
  local file=$1 expression=$2
  shift 2
  records "$file" "$expression" >"$out"
  expect_stdout "$@"
}

job='echo "out of $1"; echo first >&2; echo "last of $1 at https://me:pass@host/" >&2; exit $1'
run=(-j 1 --controller fixed --retries 1 --retry-base-delay 1ms --output discard sh -c "$job" sh)
expect_status 1 gentlify --journal run --label team=a "${run[@]}" ::: 0 65 3
expect_records run 'r["t"] if r["t"] != "block" else None' head head start end start end start end start end close
expect_records run 'r.get("seq") and (r["t"], r["seq"], r["try"])' \
  "('start', 1, 1)" "('end', 1, 1)" "('start', 2, 1)" "('end', 2, 1)" "('start', 3, 1)" "('end', 3, 1)" \
  "('start', 3, 2)" "('end', 3, 2)"
expect_records run '(r["outcome"], r["fate"], r["exit"], r["reason"]) if r["t"] == "end" else None' \
  "('success', 'done', 0, 'exit 0')" "('permanent', 'failed', 65, 'exit 65')" \
  "('failure', 'retry', 3, 'exit 3')" "('failure', 'failed', 3, 'exit 3')"
expect_records run '(r["format"], r["session"], r["identity"], r["labels"]) if r["t"] == "head" else None' \
  "(1, 1, 'number', {'team': 'a'})" "(1, 1, 'number', {'team': 'a'})"
expect_records run '(r["done"], r["failed"], r["exit"]) if r["t"] == "close" else None' '(1, 2, 1)'
expect_records run '(r["first"], r["items"], r["last"]) if r["t"] == "block" else None' '(1, 3, True)'
expect_records run 'r.get("last_line")' 'last of 0 at https://me:***@host/' \
  'last of 65 at https://me:***@host/' 'last of 3 at https://me:***@host/' 'last of 3 at https://me:***@host/'
! grep -qE 'out of|first of|"command":"[^"]{17}|pass@' run || fail "there is more of the jobs in it"

# What a session adds begins with a head of its own.
expect_status 1 gentlify --resume --journal run "${run[@]}" ::: 0 65 3
expect_records run '(r["run"] != "", r["session"]) if r["t"] == "head" else None' '(True, 1)' '(True, 1)' '(True, 2)'
(($(records run 'r["run"] if r["t"] == "head" else None' | sort -u | wc -l) == 1)) || fail "not one run"

expect_status 1 gentlify --journal-output none --journal silent "${run[@]}" ::: 3
expect_records silent 'r.get("last_line") and 1' </dev/null
! grep -q 'last of' silent || fail "the output of a job is in it"

expect_status 0 gentlify --journal-commands --journal told -j 1 echo 'https://me:pass@host/{}' ::: 'a b' $'\n"\xff'
expect_records told 'r.get("command") if r["t"] == "start" else None' \
  "echo 'https://me:***@host/a b'" "$(records told 'r.get("command") if r.get("seq") == 2 and r["t"] == "start" else None')"
! grep -q 'pass@' told || fail "a password is in it"
expect_status 0 gentlify --journal untold echo secret ::: item
! grep -qE 'secret|item"' untold || fail "a command is in it: $(<untold)"
