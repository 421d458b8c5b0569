#!/usr/bin/env bash
# --junit writes a report that those who read JUnit reports take, whole at any time.
. "$(dirname "$0")/../lib.sh"
schema=$(dirname "$0")/../vectors/junit.xsd

command -v xmllint >/dev/null || skip "there is no xmllint here"
python=/usr/bin/python3 # Debian's: it is what finds Debian's junitparser
"$python" -c 'import junitparser' 2>/dev/null || skip "there is no junitparser here"

# expect_valid FILE: it is XML in the format, and its counts are those of its cases.
expect_valid() {
  xmllint --noout --schema "$schema" "$1" 2>"$TMPDIR/xmllint" || fail "$(<"$TMPDIR/xmllint")"
  [[ $(value "$1" 'count(//testcase[not(*)]) + count(//failure) + count(//error) + count(//skipped)') == "$(value "$1" //@tests)" &&
    $(value "$1" 'count(//failure)') == "$(value "$1" //@failures)" &&
    $(value "$1" 'count(//error)') == "$(value "$1" //@errors)" &&
    $(value "$1" 'count(//skipped)') == "$(value "$1" //@skipped)" ]] || fail "not what it counts: $(<"$1")"
}
value() { xmllint --xpath "string($2)" "$1"; }
# of_job N WHAT: of a case of report.xml.
of_job() { value report.xml "//testcase[starts-with(@name, 'job $1: ')]/$2"; }

expect_status 1 gentlify -j 4 --retries 1 --retry-base-delay 0 --timeout 5s --junit report.xml sh -c '
  case $1 in 2) echo no >&2; echo "not <that> & \"this\"" >&2; exit 3;; 3) kill -9 $$;; 5) exit 77;;
    6) trap "" TERM; exec sleep 0.1;; *) echo $1;; esac' sh ::: 1 2 3 4 5 6
expect_valid report.xml
[[ $(value report.xml 'concat(//@name, " ", //@tests, " ", //@failures, " ", //@errors, " ", //@skipped)') == 'gentlify 6 3 0 0' ]] ||
  fail "$(<report.xml)"
[[ $(of_job 2 failure) == $'exit 3 after 2 attempts\nnot <that> & "this"' ]] || fail "$(of_job 2 failure)"
[[ $(of_job 2 failure/@message) == 'exit 3' && $(of_job 2 failure/@type) == failure ]] || fail "$(<report.xml)"
[[ $(of_job 3 failure/@message) == 'killed by SIGKILL' ]] || fail "$(of_job 3 failure/@message)"
[[ $(of_job 5 failure/@type) == permanent ]] || fail "$(of_job 5 failure/@type)"
[[ $(of_job 6 @time) == 0.[1-9]* ]] || fail "it took 0.1 s, not $(of_job 6 @time)"
[[ $(value report.xml //testsuite/@timestamp) == "$(date -u +%F)"* || $(date -u +%H%M) == 000* ]] ||
  fail "not of today: $(value report.xml //testsuite/@timestamp)"
[[ $(value report.xml //@hostname) == "$(uname -n)" ]] || fail "not $(uname -n): $(value report.xml //@hostname)"

# A consumer reads it.
"$python" - <<'PY' || fail "junitparser reads something else"
from junitparser import JUnitXml
suite, = JUnitXml.fromfile("report.xml")
cases = list(suite)
assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (6, 3, 0, 0), suite
assert sorted(c.name.split(":")[0] for c in cases) == [f"job {n}" for n in range(1, 7)], cases
assert sum(c.is_passed for c in cases) == 3
assert sorted(r.message for c in cases for r in c.result) == ["exit 3", "exit 77", "killed by SIGKILL"]
PY

# What is hostile in items and in what jobs write ends neither the XML nor a line of it.
printf '%s\0' $'a\nb\tc\rd\e[31m' '"/><x a="' ']]>' '<!-- ' '&amp;&#0;' $'\xff\xc0\x80\xed\xa0\x80' \
  $'\xef\xbf\xbe\xef\xbf\xbf \xf0\x9f\xbf\xbe' $'\xe2\x80\xae\xc2\x85' "$(head -c 5000 /dev/zero | tr '\0' '"')" >items
expect_status 1 gentlify -0 --controller fixed --retries 0 --junit report.xml -a items \
  sh -c 'printf %s "$1" >&2; exit 1' sh
expect_valid report.xml
[[ $(value report.xml 'count(//failure)') == 9 ]] || fail "not nine failures"
[[ $(of_job 1 failure) == $'exit 1 after 1 attempt\nb\\tc\\x0Dd\\x1B[31m' ]] ||
  fail "$(of_job 1 failure)"
[[ $(of_job 2 failure) == *'"/><x a="' && $(of_job 5 failure) == *'&amp;&#0;' ]] || fail "$(<report.xml)"
[[ $(of_job 7 failure) == *'\u{FFFE}\u{FFFF} '* ]] || fail "$(of_job 7 failure)"
(($(wc -c <report.xml) < 16000)) || fail "a long item is not clipped: $(wc -c <report.xml) bytes"

# What could not be run at all is an error.
{ echo true && head -c 140000 /dev/zero | tr '\0' x; } >items
expect_status 1 gentlify --retries 0 --junit report.xml -a items
expect_valid report.xml
[[ $(of_job 2 error/@message) == 'an argument of 140000 bytes is over'* ]] || fail "$(<report.xml)"
expect_status 1 gentlify --retries 0 --junit report.xml {} ::: ./nowhere
[[ $(of_job 1 error/@message) == *'No such file or directory' ]] || fail "$(<report.xml)"

# What the end of the run stops, or keeps from its retry, is skipped.
: >ran
start gentlify -j 2 --retry-base-delay 1h --retry-max-delay 1h --junit report.xml \
  sh -c 'echo $1 >>ran; [ $1 = 1 ] && exit 1; exec sleep 1h' sh ::: 1 2
wait_for grep -q 1 ran
wait_for grep -q 2 ran
kill -TERM "$pid"
wait_for grep -q draining "$err"
sleep 0.3 # or else it is the same signal, doubled
kill -TERM "$pid"
expect_end 143
expect_valid report.xml
[[ $(of_job 1 skipped/@message) == 'the run ended before its retry' ]] || fail "$(<report.xml)"
[[ $(of_job 2 skipped/@message) == 'stopped: the run ended' ]] || fail "$(<report.xml)"

# No jobs, no cases. The file before is gone, to its end.
expect_status 0 gentlify --junit report.xml true </dev/null
expect_valid report.xml
[[ $(value report.xml 'count(//testcase)') == 0 ]] || fail "cases of no job"

# Whatever kills gentlify, the report is whole.
for victim in pid worker pid worker pid worker; do
  : >ran
  start gentlify -j 2 --junit report.xml sh -c 'echo "$1" >>ran; echo "$1" >&2; exit "$(($1 % 2))"' sh < <(seq 10000)
  wait_for test -s ran
  sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
  if [[ $victim == pid ]]; then kill -KILL "$pid"; else kill -KILL "$(worker)"; fi
  wait "$pid" 2>/dev/null || true
  pid=
  xmllint --noout --schema "$schema" report.xml 2>"$TMPDIR/xmllint" || fail "$(<"$TMPDIR/xmllint")"
done

# A report that cannot be written is an error, before the first job where that can be known.
mkfifo fifo
for file in /dev/full fifo; do
  expect_status 73 timeout 10 gentlify --junit "$file" touch ::: ran_all_the_same
  expect_stderr_matches "^gentlify: --junit $file: not a regular file"
done
expect_status 73 gentlify --junit nowhere/report touch ::: ran_all_the_same
expect_stderr_matches '^gentlify: --junit nowhere/report: No such file or directory'
expect_status 73 gentlify --junit . touch ::: ran_all_the_same
expect_stderr_matches '^gentlify: --junit \.: Is a directory'
[[ ! -e ran_all_the_same ]] || fail "a job ran"

# One that can be written no more is as it was before, and nothing else is started.
expect_status 74 sh -c 'ulimit -f 8; exec gentlify -j 1 --junit report.xml echo ::: "$@"' sh $(seq 1000)
expect_stderr_matches '^gentlify: --junit report.xml cannot be written \(File too large\): nothing more was started'
expect_valid report.xml
cases=$(value report.xml 'count(//testcase)')
((cases > 10 && cases + 1 == $(wc -l <"$out"))) || fail "$cases cases, $(wc -l <"$out") jobs"

# A command that cannot be run costs no report that is there.
echo kept >report.xml
expect_status 127 gentlify --junit report.xml no-such-program ::: 1
[[ $(<report.xml) == kept ]] || fail "the report was emptied"
