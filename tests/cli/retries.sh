#!/usr/bin/env bash
# A failure is retried, a permanent one is not, overload has an allowance of its own.
. "$(dirname "$0")/../lib.sh"
fast=(--retry-base-delay 1ms --retry-backoff fixed)

expect_status 0 gentlify "${fast[@]}" sh -c 'echo >>tries; test $(wc -l <tries) -ge 3' sh ::: a
(($(wc -l <tries) == 3)) || fail "$(wc -l <tries) attempts"

rm tries
expect_status 1 gentlify "${fast[@]}" --retries 0 sh -c 'echo >>tries; exit 1' sh ::: a
(($(wc -l <tries) == 1)) || fail "$(wc -l <tries) attempts with --retries 0"

rm tries
expect_status 1 gentlify "${fast[@]}" sh -c 'echo >>tries; exit 65' sh ::: a
(($(wc -l <tries) == 1)) || fail "$(wc -l <tries) attempts of a permanent failure"

rm tries
expect_status 0 gentlify "${fast[@]}" --retries 0 --max-dispatch-interval 1ms \
  sh -c 'echo >>tries; test $(wc -l <tries) -ge 9 || exit 75' sh ::: a
(($(wc -l <tries) == 9)) || fail "$(wc -l <tries) attempts under overload"

expect_status 0 gentlify --success-exit 0,3 sh -c 'exit 3' sh ::: a
