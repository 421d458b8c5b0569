#!/usr/bin/env bash
# What the README says works: each of its blocks is run as it stands there. Those about CI are in
# readme_recipes.sh, those about fleets in tests/fleet.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../readme_lib.sh"

echo 'Two commands, which tests/clean_root proves.'
block 'Two commands' | while read -r command mode _; do
  [[ $command == ./bootstrap ]] || fail "$command is not bootstrap"
  [[ $mode != '#' ]] || mode=
  grep -qE "^ *timed '?\./bootstrap${mode:+ $mode}'?\$" "$repository/tests/clean_root" ||
    fail "tests/clean_root does not run: $command $mode"
done

echo 'The first minute.'
heading='The first minute'
block "$heading" >first
expect_status 0 bash first
diff <(seq 0 20 | sed '1d; s/.*/job & is done/' | sort) <(sort "$out") || fail "not twenty jobs"
block "$heading" 2 >second
expect_status 0 bash second
diff <(seq 100 | sed 's/.*/job & was served/' | sort) <(sort "$out") || fail "not a hundred jobs"
expect_stderr_matches '^gentlify: slowing down: '
block "$heading" 3 | sed '/^gentlify report/d' >third
expect_status 0 bash third
expect_stderr_matches '^gentlify: going on with the run in run.journal: [0-9]+ jobs? done'
gentlify report run.journal >page_of_it
grep -q '^150 of 150 jobs done' page_of_it || fail "not all jobs were served: $(<page_of_it)"
block "$heading" 3 | grep '^gentlify report' >page_of_it
if [[ -s $BUILD/report_page_text.cc.html ]]; then
  expect_status 0 bash page_of_it
  [[ -s run.html ]] || fail "there is no page"
fi

echo 'Ten examples.'
# example N: it ends well, in a directory with what it needs.
example() {
  block 'Ten examples' "$1" >line
  expect_status 0 bash line
}
# expect_calls LINE...: so often, and in any order, something was recorded.
expect_calls() {
  diff -u --label expected --label calls <(printf '%s\n' "$@" | sort) <(sort "$CALLS") ||
    fail "other calls than expected"
  rm "$CALLS"
}
echo a >a.log
example 1
[[ -s a.log.gz && ! -e a.log ]] || fail "a.log is not compressed"
printf 'one two' >'a b.txt'
printf three >c.txt
example 2
[[ $(sort "$out") == $'5 ./c.txt\n7 ./a b.txt' ]] || fail "other counts: $(<"$out")"
example 3
cmp 'a b.txt' 'a b.bak' && cmp c.txt c.bak || fail "no copies"
printf 'echo %s\n' one two >commands.txt
example 4
[[ $(sort "$out") == $'one\ntwo' ]] || fail "not the commands"
stand_in curl 'case $* in *two) [ -e refused ] || { touch refused; echo "curl: (22) error: 429" >&2; exit 22; } ;; esac'
printf 'https://service.example/%s\n' one two >urls.txt
example 5
expect_calls 'curl -fsSO https://service.example/'{one,two,two}
# script NAME [COMMAND]: a stand-in that is called as ./NAME.
script() {
  stand_in "$@"
  mv "stand_ins/$1" .
}
script call-api.sh '[ -e refused2 ] || { touch refused2; exit 75; }'
echo item >items.txt
example 6
expect_calls 'call-api.sh item' 'call-api.sh item'
script pay.sh 'exit 1'
seq 3 >payments.txt
block 'Ten examples' 7 >line
expect_status 1 bash line
expect_calls 'pay.sh '{1,2,3}
script fetch.sh
seq 3 >ids.txt
example 8
expect_calls 'fetch.sh '{1,2,3}
script job.sh
example 9
(($(sort -u "$CALLS" | wc -l) == 1000)) || fail "not a thousand jobs"
rm "$CALLS"
echo 'max_concurrency = 2' >gentlify.toml
printf 'echo %s\n' {1..8} >nightly.txt
example 10
(($(wc -l <"$out") == 8)) || fail "not eight jobs: $(<"$out")"
expect_stderr_matches '^gentlify: 8 jobs in .*: 8 ok$'

echo 'Jobs that say themselves what to run.'
echo here >'a b'
block 'Jobs in' >jobs
command=$(grep -oE 'for `gentlify --jsonl [^`]*' "$page" | cut -d '`' -f 2)
expect_status 0 $command
cmp 'a b' c || fail "there is no copy"
grep -qE '^ +2 b$' "$out" || fail "not what uniq counts: $(<"$out")"

echo 'What it says.'
for sample in 1 2; do
  block 'What it says' $sample >sample
  # But for what is counted, which is put in, and for the command and what it said.
  sed -E 's/[0-9]+ [a-z]+/#/g; s/: no such key//; s,\./[^:]*,,' sample | grep -oE '[a-z]+( [a-z]+)+' | sort -u >phrases
  while read -r phrase; do
    grep -rqF "$phrase" "$repository/cli" "$repository/lib" || fail "gentlify never says: $phrase"
  done <phrases
done

echo 'How a job ends.'
block 'How a job ends' >ends
expect_status 0 bash ends
[[ $(sort "$out" | uniq -c | awk '{ print $1, $2, $3 }') == $'2 1 is\n2 2 is\n2 3 is' ]] ||
  fail "not each job twice: $(<"$out")"

echo 'How to steer it.'
make_gate
seq 217 >217
start gentlify -j 4 --retries 0 --control "$PWD/socket" -a 217 sh -c '[ $1 != 217 ] || { echo >begun; read x <go; }' sh
wait_for test -e begun
block 'How to look at it and steer it' | sed 's|^gentlify ctl|& --control socket|' >steer
bash -e steer >told 2>&1 || fail "a line is refused: $(<told)"
grep -q '216' told || fail "it does not tell of the jobs that are done: $(<told)"
kill -TERM "$pid"
for ((i = 0; i < 3; i++)); do echo >&9; done
status=0
wait "$pid" || status=$?
pid=
((status == 1 || status == 143)) || fail "the run has ended with $status"

echo 'How to go on with it.'
rm -f run.journal
expect_status 1 gentlify --retries 0 --journal run.journal sh -c '[ $1 != 2 ] || { echo no such key >&2; exit 3; }' sh ::: 1 2 3
if command -v jq >/dev/null; then
  block 'How to go on with it' >failed
  expect_status 0 bash failed
  expect_stdout '2 exit 3 no such key'
else
  use_block 'How to go on with it 1'
fi

echo 'How it went.'
block 'How it went' | head -n 1 >went
expect_status 0 bash went
grep -q 'of 3 jobs done' "$out" || fail "no tables: $(<"$out")"
block 'How it went' | tail -n 1 >went
if [[ -s $BUILD/report_page_text.cc.html ]]; then expect_status 0 bash went; fi

expect_all_used 'Two commands' 'The first minute' 'Ten examples' 'Jobs in' 'What it says' 'How a job ends' \
  'How to look at it and steer it' 'How to go on with it' 'How it went'
