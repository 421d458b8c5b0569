#!/usr/bin/env bash
# In a workflow of GitHub Actions failed jobs become annotations.
. "$(dirname "$0")/../lib.sh"

# annotations: those that the last command made.
annotations() { grep '^::' "$err" || true; }

fail_with='echo "$1" >&2; exit 3'
GITHUB_ACTIONS=true expect_status 1 gentlify -j 1 --retries 1 --retry-base-delay 0 sh -c "$fail_with" sh ::: no
[[ $(annotations) == "::error title=gentlify%3A job 1 failed::sh -c '$fail_with' sh no: exit 3 after 2 attempts: no" ]] ||
  fail "$(annotations)"
grep -B 1 '^::' "$err" | grep -q '^gentlify: 1 job in' || fail "they do not follow the summary"

# Each is one line, whatever jobs hold and say, and begins one although what was shown did not end.
GITHUB_ACTIONS=true expect_status 1 gentlify --retries 0 sh -c 'printf "100%%: a,b\r\e[1m::error::c" >&2; exit 3' ::: $'x\ny%0A'
[[ $(annotations) == '::error title=gentlify%3A job 1 failed::'*": exit 3: 100%25: a,b\x0D\x1B[1m::error::c" ]] ||
  fail "$(annotations)"
GITHUB_ACTIONS=true expect_status 1 gentlify --retries 0 false ::: $'x\ny%0A'
[[ $(annotations) == *"::false 'x\ny%250A': exit 1" ]] || fail "$(annotations)"

# No more than are kept of a step.
GITHUB_ACTIONS=true expect_status 1 gentlify --controller fixed --retries 0 false ::: $(seq 12)
[[ $(annotations | wc -l) == 10 ]] || fail "$(annotations | wc -l) annotations"

# None elsewhere, of none, and where nothing is to be said.
GITHUB_ACTIONS=true expect_status 0 gentlify true ::: a
[[ $(annotations) == '' ]] || fail "an annotation of nothing"
GITHUB_ACTIONS=true expect_status 1 gentlify -q --retries 0 false ::: a
[[ ! -s $err ]] || fail "not quiet"
for actions in '' false; do
  GITHUB_ACTIONS=$actions expect_status 1 gentlify --retries 0 false ::: a
  [[ $(annotations) == '' ]] || fail "annotations with GITHUB_ACTIONS=$actions"
done
