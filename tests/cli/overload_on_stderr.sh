#!/usr/bin/env bash
# Programs that cannot be changed say on stderr what patterns find there.
. "$(dirname "$0")/../lib.sh"
fast=(--retry-base-delay 1ms --retry-backoff fixed)

refused='echo "curl: (22) The requested URL returned error: $1" >&2; test $GENTLIFY_ATTEMPT = 3 || exit 22'
expect_status 0 gentlify "${fast[@]}" --retries 0 --overload-match 'error: (429|503)' \
  sh -c "$refused" sh ::: 429 503
expect_stderr_matches 'slowing down: .* exit 22, overload on stderr'
expect_status 1 gentlify "${fast[@]}" --retries 0 --overload-match 'error: (429|503)' \
  sh -c "$refused" sh ::: 404

# A job that exits 0 has succeeded, and one that is permanent by its exit status has been refused.
expect_status 0 gentlify --overload-match 429 sh -c 'echo 429 >&2' sh ::: a
expect_status 0 gentlify "${fast[@]}" --overload-match 429 \
  sh -c 'echo 429 >&2; test $GENTLIFY_ATTEMPT = 2 || exit 64' sh ::: a

# A job may write more than is looked at.
expect_status 0 gentlify "${fast[@]}" --retries 0 --overload-match '^429$' \
  sh -c 'yes | head -c 3000000 >&2; echo 429 >&2; test $GENTLIFY_ATTEMPT = 2' sh ::: a

# What can never work is refused before the first job.
expect_status 64 gentlify --overload-match 'a(b' touch ::: started
expect_stderr_matches '^gentlify: --overload-match a\(b: must be a regular expression: missing \)'
expect_status 64 gentlify --cost-match tokens touch ::: started
expect_status 64 gentlify -u --overload-match 429 touch ::: started
expect_stderr_matches 'does not see with output = inherit \(-u\)'
[[ ! -e started ]] || fail "a job has started"
