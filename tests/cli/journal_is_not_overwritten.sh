#!/usr/bin/env bash
# --journal: a file that holds a run, or anything else, is not lost to a new one; --resume begins one
# where there is none.
. "$(dirname "$0")/../lib.sh"

# unharmed FILE COMMAND...: COMMAND ran no job and left FILE as it was.
unharmed() {
  local file=$1 status=$2
  cp "$file" before
  shift 2
  expect_status "$status" "$@"
  cmp before "$file" || fail "$file was changed by: $*"
  [[ ! -e ran ]] || fail "a job ran: $*"
}

seq 3 >list
expect_status 0 gentlify --journal run -a list true
unharmed run 73 gentlify --journal run -a list touch ran
expect_stderr_matches '^gentlify: --journal run: it holds a run with 3 of 3 jobs done: add --resume, or name another file$'
expect_status 1 gentlify -j 1 --retries 0 --halt soon,fail=1 --journal half -a list sh -c '[ $1 != 2 ]' sh
unharmed half 73 gentlify --journal half -a list touch ran
expect_stderr_matches '^gentlify: --journal half: it holds a run with 1 (job|of 3 jobs) done: '
[[ $(stat -c %a run) == 600 ]] || fail "others may read it: $(ls -l run)"

for flag in --resume --resume=content --resume-failed --repair; do
  expect_status 0 gentlify "$flag" --journal "new$flag" echo ::: "a new run"
  expect_stdout 'a new run'
done
: >empty
expect_status 0 gentlify --journal empty echo ::: 1
unharmed empty 73 gentlify --journal empty touch ran ::: 1
expect_status 0 gentlify --dry-run --journal run echo ::: 1 # it neither reads nor writes it

for text in hello '{"t":"heap"}' '{"t":"start","seq":1}'; do
  echo "$text" >other
  unharmed other 65 gentlify --journal other touch ::: ran
  expect_stderr_matches '^gentlify: --journal other: this is no journal of gentlify.s; name another file$'
  unharmed other 65 gentlify --resume --journal other touch ::: ran
  unharmed other 65 gentlify --repair --journal other touch ::: ran
done

# Nor may it be a file that the run reads, or writes otherwise.
for journal in list ./list; do
  unharmed list 64 gentlify --journal "$journal" -a list touch ran
  expect_stderr_matches "^gentlify: --journal $journal: the items are read from that file$"
  unharmed list 64 gentlify --resume --journal "$journal" touch ran <list
done
for flag in --joblog --junit --summary --summary-md --metrics --not-done; do
  unharmed run 64 gentlify --resume --journal run "$flag" ./run -a list touch ran
done
expect_status 64 gentlify --journal new --joblog ./new touch ::: ran
[[ ! -e new && ! -e ran ]] || fail "a file was made, or a job ran"
