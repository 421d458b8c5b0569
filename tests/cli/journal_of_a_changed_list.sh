#!/usr/bin/env bash
# --resume: the list must be the one that the run has read; a line that differs is named, and nothing
# runs. What was added to its end is new.
. "$(dirname "$0")/../lib.sh"

# Each item but 5 is done: 5 would run again.
seq 1100 >list
job='echo "$1" >>ran; [ "$1" != 5 ]'
expect_status 1 gentlify -j 8 --controller fixed --retries 0 --journal first -a list sh -c "$job" sh
again() { gentlify --resume-failed --controller fixed --retries 0 --journal run -a "$1" sh -c "$job" sh; }

# expect_refusal WHAT: the list, from stdin, is not that of the run.
expect_refusal() {
  cat >changed
  cp first run
  rm -f ran
  expect_status 65 again changed
  expect_stderr_matches "^gentlify: --journal run: $1: the list has changed; --resume=content runs what is new in it, and a new journal runs it all$"
  [[ ! -e ran ]] || fail "a job ran: $(<ran)"
  [[ -z $(resume_command) ]] || fail "it cannot go on with: $(resume_command)"
}
sed '7s/.*/other/' list | expect_refusal 'line 7 of the input is not what that run has read'
sed '1s/^/ /' list | expect_refusal 'line 1 of the input is not what that run has read'
sed '1024d' list | expect_refusal 'line 1024 of the input is not what that run has read'
sed '1050s/.*/other/' list | expect_refusal 'line 1050 of the input is not what that run has read'
sed '2i new' list | expect_refusal 'line 2 of the input is not what that run has read'
head -n 1099 list | expect_refusal 'the input ends after 1099 items, and that run has read 1100 at least'
head -n 1024 list | expect_refusal 'the input ends after 1024 items, and that run has read 1100 at least'
head -n 1 list | expect_refusal 'the input ends after 1 item, and that run has read 1100 at least'
expect_refusal 'the input ends after 0 items, and that run has read 1100 at least' </dev/null

# With the list as it was it goes on from there, and so with a longer one.
expect_status 1 again list
[[ $(<ran) == 5 ]] || fail "these ran: $(<ran)"
seq 1103 >longer
rm ran
expect_status 1 again longer
[[ $(sort -n ran | paste -sd ' ') == '5 1101 1102 1103' ]] || fail "these ran: $(<ran)"

# Items that are not lines are named by their number.
expect_status 0 gentlify --journal words touch ::: a b c
expect_status 65 gentlify --resume --journal words touch ::: a x c
expect_stderr_matches '^gentlify: --journal words: item 2 of the input is not what that run has read: '
expect_status 65 gentlify --resume --journal words touch ::: a b
[[ ! -e x ]] || fail "a job ran"
expect_status 0 gentlify --resume --journal words touch ::: a b c d
[[ -e d ]] || fail "the new item was not run"
