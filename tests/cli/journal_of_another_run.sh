#!/usr/bin/env bash
# --resume: the command, the way in which items are read and the directory are those of the run; where
# items come from, and all other settings, may change.
. "$(dirname "$0")/../lib.sh"

printf '%s\n' a,1 b,2 c,3 >list
begin=(-j 1 --retries 0 --halt 'soon,fail=1')
job=(sh -c 'echo "$1" >>ran; [ "$1" != b,2 ]' sh)
expect_status 1 gentlify "${begin[@]}" --journal run -a list "${job[@]}"
rm ran

# expect_refusal REASON FLAG... [COMMAND]: it does not go on so.
expect_refusal() {
  local reason=$1
  shift
  cp run copy
  expect_status 65 gentlify --resume-failed --journal copy "$@"
  expect_stderr_matches "^gentlify: --journal copy: it holds a run of $reason[^:]*: resume that as it was begun, or name another file$"
  cmp run copy || fail "the journal was changed: $*"
  [[ ! -e ran ]] || fail "a job ran: $*"
}
expect_refusal 'another command' -a list touch ran
expect_refusal 'another command' -a list "${job[@]}" more
expect_refusal 'another command' -a list -I @ "${job[@]}"
expect_refusal 'another command' -a list
for mode in --csv --tsv --jsonl --shuf --keep-empty --stdin-item -0 '-n 2' '-d x' '--colsep ,' '--csv --header'; do
  # shellcheck disable=SC2086
  expect_refusal 'items that were read in another way' $mode -a list "${job[@]}"
done
mkdir sub
expect_refusal 'jobs in another directory' -a list --workdir sub "${job[@]}"
cp run sub/copy
cd sub
expect_status 65 gentlify --resume-failed --journal copy -a ../list "${job[@]}"
cd ..

# From a pipe, from a file, as words.
expect_status 1 gentlify --resume --journal run "${begin[@]}" "${job[@]}" < <(cat list)
[[ $(<ran) == c,3 ]] || fail "these ran: $(<ran)"
expect_status 1 gentlify --resume --journal run --shell /bin/bash -a list "${job[@]}"
expect_status 1 gentlify --resume-failed --journal run -j 4 --retries 0 --label a=b "${job[@]}" ::: a,1 b,2 c,3 d,4
[[ $(sort ran | paste -sd ' ') == 'b,2 c,3 d,4' ]] || fail "these ran: $(<ran)"
