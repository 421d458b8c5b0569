#!/usr/bin/env bash
# Each exit code with its reason.
. "$(dirname "$0")/../lib.sh"

expect_status 0 gentlify true ::: a b
expect_status 1 gentlify --retries 0 sh -c 'exit $1' sh < <(printf '0\n\n3\n0\n')
expect_stderr_matches '^gentlify: failed: job 2 \(line 3\): sh -c .exit \$1. sh 3: exit 3$'

expect_status 64 gentlify --no-such-flag true ::: a
expect_stderr_matches '^gentlify: there is no flag --no-such-flag'
expect_status 64 gentlify -j nine true ::: a
expect_stderr_matches '^gentlify: -j nine: '
expect_status 64 gentlify ctl
expect_stderr_matches 'gentlify -- ctl'

expect_status 66 gentlify -a no/such/list true
expect_stderr_matches '^gentlify: cannot read no/such/list: No such file or directory$'
expect_status 66 gentlify true <&-

printf '[retry]\nmax_attempts = "many"\n' >bad.toml
expect_status 78 gentlify --config bad.toml true ::: a
expect_stderr_matches '^gentlify: bad.toml:2:16: .*max_attempts.*many'
GENTLIFY_MAX_CONCURENCY=3 expect_status 78 gentlify true ::: a
expect_stderr_matches 'GENTLIFY_MAX_CONCURENCY.*GENTLIFY_MAX_CONCURRENCY'

expect_status 127 gentlify no-such-program ::: a
expect_stderr_matches '^gentlify: no-such-program: '
expect_status 126 gentlify "$PWD/bad.toml" ::: a
[[ ! -s $out ]] || fail "stdout is not empty"
expect_status 127 gentlify 'echo {} | tr a b' ::: a
expect_stderr_matches '^gentlify: .echo \{\} \| tr a b.: no such program; no shell reads a command'
# (A leak checker has no descriptors left either.)
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 expect_status 71 bash -c 'ulimit -n 5; exec gentlify true ::: a'
expect_stderr_matches '^gentlify: cannot start: .*Too many open files$'

# The code is right also where nobody can be told the reason.
expect_status 64 bash -c 'gentlify --no-such-flag 2>&-'
expect_status 64 bash -c 'gentlify --no-such-flag 2>/dev/full'
expect_status 74 bash -c 'gentlify echo ::: a >&- 2>&-'
expect_status 127 gentlify '' ::: a
