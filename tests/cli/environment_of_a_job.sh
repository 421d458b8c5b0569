#!/usr/bin/env bash
# A job knows who it is; gentlify's own settings are not passed on.
. "$(dirname "$0")/../lib.sh"

GENTLIFY_MAX_CONCURRENCY=1 expect_status 0 gentlify --retry-base-delay 1ms sh -c '
  echo $GENTLIFY_SEQ $GENTLIFY_JOB $GENTLIFY_ATTEMPT $GENTLIFY_SLOT ${#GENTLIFY_RUN} ${#GENTLIFY_JOB_KEY}
  echo "$GENTLIFY_SEQ $GENTLIFY_JOB_KEY" >>keys
  test $GENTLIFY_SEQ = 1 || test $GENTLIFY_ATTEMPT = 2' sh ::: a b
expect_stdout '1 1 1 1 16 32' '2 2 2 1 16 32'
(($(sort -u keys | wc -l) == 2)) || fail "a key is not the same at each attempt of its job"

GENTLIFY_MAX_CONCURRENCY=1 expect_status 0 gentlify env ::: x=y
! grep -q '^GENTLIFY_MAX_CONCURRENCY' "$out" || fail "a setting was passed on"
GENTLIFY_MAX_CONCURRENCY=1 expect_status 0 gentlify --export-settings env ::: x=y
grep -qx 'GENTLIFY_MAX_CONCURRENCY=1' "$out" || fail "--export-settings does not pass it on"

# What a job inherits does not upset a gentlify that it runs itself.
expect_status 0 gentlify gentlify echo ::: inner </dev/null
