#!/usr/bin/env bash
# Nothing starts before the time that the service asked for, neither the job itself nor another.
. "$(dirname "$0")/../lib.sh"

ln -s "$tell_start" now
run() {
  rm -f log
  expect_status 0 gentlify --retry-base-delay 1ms --retry-backoff fixed "$@"
}
# The second start came so many hundredths of a second after the first, give or take one.
expect_pause() {
  local starts
  mapfile -t starts <log
  ((${#starts[@]} == 2 && starts[1] - starts[0] >= $1 - 1)) || fail "starts: ${starts[*]}"
}

run --report sh -c 'sh ./now >>log
  test $GENTLIFY_ATTEMPT = 2 || { echo retry-after 0.2 >&$GENTLIFY_REPORT_FD; exit 75; }' sh ::: a
expect_pause 20

# It is overload without further words, and holds for a job that has succeeded.
run --report --retries 0 sh -c 'sh ./now >>log
  test $GENTLIFY_ATTEMPT = 2 || { echo retry-after 0.2 >&$GENTLIFY_REPORT_FD; exit 1; }' sh ::: a
expect_pause 20
run --report -j 1 sh -c 'sh ./now >>log; echo retry-after 0.2 >&$GENTLIFY_REPORT_FD' sh ::: a b
expect_pause 20

# The same of stderr.
run --retry-after-match '^wait ([0-9.]+)$' sh -c 'sh ./now >>log
  test $GENTLIFY_ATTEMPT = 2 || { echo wait 0.2 >&2; exit 1; }' sh ::: a
expect_pause 20

# A date that is past is no wait.
run --report sh -c 'test $GENTLIFY_ATTEMPT = 2 ||
  { echo "retry-after Sun, 06 Nov 1994 08:49:37 GMT" >&$GENTLIFY_REPORT_FD; exit 1; }' sh ::: a
! grep -q 'not understood' "$err" || fail "a date is not understood"
