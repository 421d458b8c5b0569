#!/usr/bin/env bash
# The settings of a journal: what they take, and that they need one.
. "$(dirname "$0")/../lib.sh"

for sync in always off 50ms 1ms 1h; do
  expect_status 0 gentlify --journal "run.$sync" --journal-sync "$sync" true ::: 1 2
  expect_status 0 gentlify --resume --journal "run.$sync" --journal-sync "$sync" true ::: 1 2 3
  expect_stderr_matches '^gentlify: 1 job in '
done
for sync in '' 0 2h never -1s; do
  expect_status 64 gentlify --journal run --journal-sync="$sync" touch ::: ran
  expect_stderr_matches "^gentlify: --journal-sync .*must be a duration from 1ms to 1h such as 100ms, always or off$"
done
expect_status 64 gentlify --journal run --journal-output all touch ::: ran
expect_stderr_matches '^gentlify: --journal-output all: must be line or none$'
expect_status 64 gentlify --journal run --resume=order touch ::: ran
expect_stderr_matches '^gentlify: --resume order: must be false, true or content$'
expect_status 64 gentlify --journal '' touch ::: ran
expect_stderr_matches '^gentlify: --journal: the name of a file must not be empty$'
GENTLIFY_JOURNAL_SYNC=0 expect_status 78 gentlify --journal run touch ::: ran

# --resume takes a value only with =.
expect_status 0 gentlify --resume --journal words echo content ::: 1
expect_stdout 'content 1'

for flag in --resume --resume=content --resume-failed --repair; do
  expect_status 64 gentlify "$flag" touch ::: ran
  expect_stderr_matches "^gentlify: .*\(${flag%=*}\) needs a run to go on with: --journal FILE$"
done
[[ ! -e ran && ! -e run ]] || fail "a job ran, or a journal was made"

expect_status 0 gentlify --print-config --journal run --resume=content --repair --journal-commands
for line in 'journal = "run"' 'resume = "content"' 'resume_failed = false' 'repair = true' \
  'journal_sync = "100ms"' 'journal_commands = true' 'journal_output = "line"'; do
  grep -q "^$line  *# " "$out" || fail "not shown: $line"
done
[[ ! -e run ]] || fail "a journal was made"

# All of them may stand elsewhere.
printf 'journal = "elsewhere"\nresume = "true"\n' >config.toml
GENTLIFY_JOURNAL_OUTPUT=none expect_status 0 gentlify --config config.toml true ::: 1
GENTLIFY_JOURNAL=elsewhere expect_status 73 gentlify touch ::: ran
