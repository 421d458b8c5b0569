#!/usr/bin/env bash
# With --report a job says more than its exit status: overload, retry-after, permanent, cost.
. "$(dirname "$0")/../lib.sh"
fast=(--report --retry-base-delay 1ms --retry-backoff fixed)

# A pipe that shells can write on, by number and by name; without --report there is none.
expect_status 0 gentlify --report sh -c 'echo overload >&$GENTLIFY_REPORT_FD; echo overload >/dev/fd/$GENTLIFY_REPORT_FD; ls /proc/self/fd | wc -l' sh ::: a
expect_stdout 5
expect_status 0 gentlify sh -c 'echo ${GENTLIFY_REPORT_FD-none}; ls /proc/self/fd | wc -l' sh ::: a
expect_stdout none 4

# Overload is retried where failures are not.
expect_status 0 gentlify "${fast[@]}" --retries 0 \
  sh -c 'echo overload >&$GENTLIFY_REPORT_FD; test $GENTLIFY_ATTEMPT = 3' sh ::: a

# What is permanent is not retried, whatever else is said and whatever the exit status.
expect_status 1 gentlify "${fast[@]}" sh -c '
  echo >>tries
  printf "overload\nretry-after 0\npermanent" >&$GENTLIFY_REPORT_FD
  exit 75' sh ::: a
(($(wc -l <tries) == 1)) || fail "$(wc -l <tries) attempts of a permanent failure"
expect_stderr_matches 'exit 75, permanent reported'

# Success stays success.
expect_status 0 gentlify "${fast[@]}" sh -c 'echo permanent >&$GENTLIFY_REPORT_FD' sh ::: a
expect_status 0 gentlify "${fast[@]}" --success-exit 3 sh -c 'echo overload >&$GENTLIFY_REPORT_FD; exit 3' sh ::: a

# Of a job that was killed the report still counts.
expect_status 0 gentlify "${fast[@]}" --retries 0 \
  sh -c 'test $GENTLIFY_ATTEMPT = 2 || { echo overload >&$GENTLIFY_REPORT_FD; kill -KILL $$; }' sh ::: a
