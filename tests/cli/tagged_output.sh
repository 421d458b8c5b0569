#!/usr/bin/env bash
# --tag, --tag-string, --all-attempts and --output discard.
. "$(dirname "$0")/../lib.sh"

for mode in group line; do
  expect_status 0 gentlify -j 1 --output $mode --tag sh -c 'echo one; echo; printf two' sh ::: a 'b c'
  expect_stdout $'a\tone' $'a\t' $'a\ttwo' $'b c\tone' $'b c\t' $'b c\ttwo'
done
expect_status 0 gentlify -j 1 --tag-string '{#}:{/.}' echo ::: x/a.txt
expect_stdout $'1:a\tx/a.txt'
expect_status 64 gentlify -u --tag echo ::: a
expect_stderr_matches '^gentlify: tag = true \(--tag\) marks .* output = inherit \(-u\)'

expect_status 0 gentlify --all-attempts --retry-base-delay 0 sh -c 'echo try $GENTLIFY_ATTEMPT; [ $GENTLIFY_ATTEMPT = 2 ]' sh ::: a
expect_stdout 'try 1' 'try 2'

# Its stdout can be written.
expect_status 0 gentlify --output discard --retries 0 /bin/echo out ::: a
expect_stdout </dev/null
expect_status 1 gentlify --output discard --retries 0 sh -c 'echo out; echo why >&2; exit 1' sh ::: a
expect_stdout </dev/null
! grep -q '^why$' "$err" || fail "stderr is shown"
expect_stderr_matches 'exit 1: why$'
