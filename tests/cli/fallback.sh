#!/usr/bin/env bash
# A job that has failed for good has its fallback: where that exits 0 the job has succeeded.
. "$(dirname "$0")/../lib.sh"

echo 'Its input is the record of the last attempt, its arguments are the fields of the item.'
printf 'id,name\n1,a b\n2,"c ""d"""\n' >table
# shellcheck disable=SC2016
expect_status 0 gentlify -j 1 --retries 1 --retry-base-delay 1ms --csv --header -a table --shell /bin/sh \
  --fallback 'cat >record.$1; echo "$# <$1> <$2> $GENTLIFY_SEQ $GENTLIFY_ATTEMPT ${#GENTLIFY_JOB_KEY}"' \
  sh -c 'echo oh >&2; exit 22' sh {id}
printf '2 <%s> <%s> %s 2 32\n' 1 'a b' 1 2 'c "d"' 2 | expect_stdout
expect_stderr_matches '^gentlify: 2 jobs in .*: 2 ok \(2 by the fallback\) · 4 attempts, '
python3 - <<'PY' || fail "the record is not as expected"
import json
for n in (1, 2):
    lines = open(f"record.{n}").read().splitlines()
    assert len(lines) == 1, lines
    end = json.loads(lines[0])
    assert (end["t"], end["seq"], end["try"], end["outcome"]) == ("end", n, 2, "failure"), end
    assert (end["fate"], end["exit"], end["last_line"]) == ("fallback", 22, "oh"), end
PY

echo 'It follows on what the job wrote, under its tag and in its place.'
# shellcheck disable=SC2016
fallback='echo "saved $1"; echo "mended $1" >&2; [ "$1" != c ]'
expect_status 1 gentlify -j 4 -k --tag --retries 0 --fallback "$fallback" \
  sh -c 'echo "try $1"; [ "$1" = b ]' sh ::: a b c d
printf '%s\t%s\n' a 'try a' a 'saved a' b 'try b' c 'try c' c 'saved c' d 'try d' d 'saved d' | expect_stdout
expect_stderr_matches $'^d\tmended d$'
expect_stderr_matches '^gentlify: failed: job 3: .*: exit 1 \(and its fallback: exit 1\)$'
expect_stderr_matches '^gentlify: --fallback failed for job 3: exit 1: mended c; '
expect_status 0 gentlify --output line --retries 0 --fallback 'echo two' sh -c 'echo one; exit 1' ::: a
expect_stdout one two
expect_status 0 gentlify -u --retries 0 --fallback 'echo two' sh -c 'echo one; exit 1' ::: a
expect_stdout one two
expect_status 0 gentlify --output discard --retries 0 --fallback 'echo two' sh -c 'echo one; exit 1' ::: a
expect_stdout </dev/null

echo 'Each record has the job once, as it ended.'
# shellcheck disable=SC2016
expect_status 1 gentlify -j 1 --retries 0 --results results --joblog joblog --junit junit.xml --metrics metrics \
  --summary summary.json --journal journal --fallback "$fallback" sh -c 'echo "try $1"; exit 3' sh ::: a c
[[ $(cut -f 1,7 joblog | tail -n +2) == $'1\t0\n2\t3' ]] || fail "joblog: $(<joblog)"
python3 - <<'PY' || fail "a record is not as expected"
import json, re
import xml.etree.ElementTree as tree
suite = tree.parse("junit.xml").getroot()[0]
assert [suite.get(k) for k in ("tests", "failures", "errors", "skipped")] == ["2", "1", "0", "0"]
assert [len(case) for case in suite] == [0, 1]
assert suite[1][0].get("message") == "exit 3 (and its fallback: exit 1)"
metrics = open("metrics").read()
assert re.search(r'jobs_completed_total\{outcome="ok"\} 1\n', metrics), metrics
assert re.search(r'jobs_completed_total\{outcome="failed"\} 1\n', metrics), metrics
summary = json.load(open("summary.json"))
assert [summary["jobs"][k] for k in ("ok", "by_fallback", "failed")] == [1, 1, 1], summary
assert [open(f"results/{n}/stdout").read() for n in (1, 2)] == ["try a\nsaved a\n", "try c\nsaved c\n"]
metas = [json.load(open(f"results/{n}/meta.json")) for n in (1, 2)]
assert [m["outcome"] for m in metas] == ["success", "failure"], metas
assert [m["exit"] for m in metas] == [0, 3], metas
assert [m["attempts"] for m in metas] == [1, 1], metas
ends = [json.loads(l) for l in open("journal") if '"t":"end"' in l]
assert [(e["seq"], e["try"], e["fate"]) for e in ends] == [
    (1, 1, "fallback"), (1, 0, "done"), (2, 1, "fallback"), (2, 0, "failed")] or [
    (e["seq"], e["try"], e["fate"]) for e in ends] == [
    (1, 1, "fallback"), (2, 1, "fallback"), (1, 0, "done"), (2, 0, "failed")], ends
assert [e.get("by_fallback") for e in ends if e["try"] == 0] == [True, True], ends
PY

echo 'While it runs the slot is the next job'"'"'s.'
make_gate
# shellcheck disable=SC2016
expect_status 0 gentlify -j 1 --retries 0 --fallback 'read x <go && echo saved' \
  sh -c 'if [ "$1" = a ]; then exit 1; fi; echo >go' sh ::: a b
expect_stdout saved

echo 'A job that cannot be run at all has one, too, and one that fails for an open circuit.'
printf 'a\0b\nc\n' >lines
# shellcheck disable=SC2016
expect_status 0 gentlify --retries 0 -a lines --fallback 'echo "$GENTLIFY_SEQ has $#"' true
expect_stdout '1 has 0'
expect_status 0 gentlify -j 1 --retries 0 --circuit-breaker-consecutive-failures 2 \
  --circuit-breaker-open-duration 1h --circuit-breaker-on-open fail --fallback 'echo "$1"' \
  sh -c 'echo x >>tries; exit 1' ::: 1 2 3 4 5
sort -o "$out" "$out"
expect_stdout 1 2 3 4 5
(($(wc -l <tries) == 2)) || fail "$(wc -l <tries) attempts"

echo 'Jobs that run to their end, and those that are stopped, have none.'
expect_status 0 gentlify --fallback 'touch called' true ::: a b
[[ ! -e called ]] || fail "a fallback of a job that succeeded"

echo 'Where it cannot be found its jobs have failed; a shell that is not there is found before the first job.'
expect_status 1 gentlify --retries 0 --fallback /no/such/program false ::: a b
expect_stderr_matches 'failed: job 1: .*exit 1 \(and its fallback: exit 127'
expect_status 127 gentlify --shell /no/such/shell --fallback x touch started ::: a
[[ ! -e started ]] || fail "a job was started"
