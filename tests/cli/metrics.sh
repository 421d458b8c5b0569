#!/usr/bin/env bash
# --metrics writes Prometheus' text format while the run lasts, whole each time.
. "$(dirname "$0")/../lib.sh"

# value NAME [LABELS]: of that sample of run.prom.
value() {
  [[ ! -e run.prom ]] || awk -v sample="gentlify_$1${2:+{$2\}}" 'index($0, sample " ") == 1 { print substr($0, length(sample) + 2) }' run.prom
}

# expect_value VALUE NAME [LABELS]
expect_value() {
  local want=$1
  shift
  [[ $(value "$@") == "$want" ]] || fail "gentlify_$* is '$(value "$@")', not $want"
}

# check_format FILE: each line is of the format, each family has its help and its type before its
# samples and is in one piece, no sample comes twice, and buckets add up. promtool looks as well.
check_format() {
  LC_ALL=C awk '
    function wrong(why) { print FILENAME ":" FNR ": " why ": " $0; bad = 1 }
    BEGIN { label = "[a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\\]|\\\\[\\\\\"n])*\"" }
    /^# HELP gentlify_[a-z_]+ [^ ]/ {
      if ($3 in help) wrong("a family twice")
      help[$3] = 1; family = $3; type = ""; next
    }
    /^# TYPE gentlify_[a-z_]+ (counter|gauge|histogram)$/ {
      if ($3 != family || type != "") wrong("no help before it")
      type = $4
      if ((type == "counter") != ($3 ~ /_total$/)) wrong("not named as its type is")
      next
    }
    {
      if (!match($0, /^gentlify_[a-z_]+/)) { wrong("no sample"); next }
      name = substr($0, 1, RLENGTH); rest = substr($0, RLENGTH + 1)
      base = name; if (type == "histogram") sub(/_(bucket|sum|count)$/, "", base)
      if (base != family || type == "") wrong("not of the family before it")
      if (rest !~ ("^([{]" label "(," label ")*[}])? (-?[0-9]+([.][0-9]+)?(e[-+]?[0-9]+)?|[+]Inf)$")) { wrong("not a sample"); next }
      key = $0; sub(/ [^ ]*$/, "", key)
      if (key in seen) wrong("a sample twice")
      seen[key] = 1; last = $NF
      if (name ~ /_bucket$/) { if (last + 0 < bucket) wrong("buckets do not add up"); bucket = last + 0 }
      if (type == "histogram" && name ~ /_count$/ && last != bucket) wrong("not what the buckets hold")
    }
    END { exit bad }' "$1" >"$out" || fail "the format"
  [[ -s $1 && $(tail -c 1 "$1") == '' ]] || fail "no newline at the end"
  if command -v promtool >/dev/null; then
    promtool check metrics <"$1" >"$out" 2>&1 || fail "promtool minds"
  fi
}

# While it runs, with labels of any text, and though other files may not be read.
umask 077
make_gate
start gentlify -q -j 2 --controller fixed --retries 0 --metrics run.prom --label 'path=C:\x "y"
z' sh -c '
  echo >>ran; case $1 in 1) exit 3;; 2) exit 0;; *) read x <go;; esac' sh ::: {1..9}
labels='path="C:\\\\x \\"y\\"\\nz"'
both_done() { [[ $(value jobs_completed_total "$labels,outcome=\"failed\"") == 1 && $(value jobs_in_flight "$labels") == 2 ]]; }
wait_for both_done
check_format run.prom
expect_value 1 jobs_completed_total "$labels,outcome=\"ok\""
expect_value 1 jobs_completed_total "$labels,outcome=\"failed\""
expect_value 1 attempts_total "$labels,verdict=\"failure\""
expect_value 9 jobs "$labels"
expect_value 2 limit "$labels"
expect_value 0 run_finished "$labels"
[[ $(stat -c %a run.prom) == 644 ]] || fail "mode $(stat -c %a run.prom)"

# One that is killed leaves the last whole file.
kill -KILL "$(worker)"
wait "$pid" 2>/dev/null || true
pid=
check_format run.prom
expect_value 0 run_finished "$labels"
compgen -G '*.prom.*' >"$out" && fail "a draft is left"

# At the end.
expect_status 1 gentlify -q -j 1 --retries 1 --retry-base-delay 0 --overload-retries 1 --metrics run.prom sh -c '
  case $1 in 1) exit 77;; 2) exit 75;; 3) [ $GENTLIFY_ATTEMPT = 2 ];; esac' sh ::: 1 2 3 4
check_format run.prom
expect_value 2 jobs_completed_total 'outcome="ok"'
expect_value 2 jobs_completed_total 'outcome="failed"'
expect_value 1 attempts_total 'verdict="permanent"'
expect_value 2 attempts_total 'verdict="overload"'
expect_value 6 attempt_duration_seconds_count
expect_value 6 attempt_duration_seconds_bucket 'le="+Inf"'
expect_value 0 jobs_in_flight
expect_value 0 retries_waiting
expect_value 1 run_finished
(($(value cuts_total) >= 1)) || fail "no cut"
awk -v now="$(date +%s)" -v start="$(value start_time_seconds)" -v last="$(value last_write_timestamp_seconds)" \
  'BEGIN { exit !(now - 100 < start && start <= last && last < now + 1) }' || fail "times are not of this run"
expect_status 0 gentlify -j 0 --controller fixed --rate 1000/s --metrics run.prom true ::: 1
expect_value +Inf limit

# Where it cannot be written.
expect_status 73 gentlify --metrics nowhere/run.prom touch ::: ran_all_the_same
expect_stderr_matches '^gentlify: --metrics nowhere/run.prom: No such file or directory'
[[ ! -e ran_all_the_same ]] || fail "a job ran"
expect_status 74 gentlify -j 1 --metrics /dev/full true ::: 1 2 3
expect_stderr_matches '^gentlify: --metrics /dev/full cannot be written \(No space left on device\): nothing more was started'
mkdir gone
expect_status 74 gentlify --metrics gone/run.prom sh -c 'rm -r gone; echo shown' sh ::: 1
expect_stdout shown
expect_stderr_matches '^gentlify: --metrics gone/run.prom cannot be written'
expect_status 64 gentlify --label le=1 true ::: 1

# A command that cannot be run costs no file that is there.
echo kept >run.prom
expect_status 127 gentlify --metrics run.prom no-such-program ::: 1
[[ $(<run.prom) == kept ]] || fail "the file was replaced"
