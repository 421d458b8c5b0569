#!/usr/bin/env bash
# A flag wins over the environment, that over files, a later file over an earlier one.
. "$(dirname "$0")/../lib.sh"

echo 'max_concurrency = 3' >one.toml
printf 'max_concurrency = 5\n[retry]\nmax_attempts = 7\n' >two.toml
has() { grep -qE "^$1 += $2 +# .*$3" "$out" || fail "expected $1 = $2 from $3"; }

expect_status 0 gentlify --print-config
has max_concurrency '"100%"' default
expect_status 0 gentlify --config one.toml --config two.toml --print-config
has max_concurrency 5 'two.toml:1'
has max_attempts 7 'two.toml:3'
GENTLIFY_MAX_CONCURRENCY=6 expect_status 0 gentlify --config two.toml --print-config
has max_concurrency 6 GENTLIFY_MAX_CONCURRENCY
GENTLIFY_MAX_CONCURRENCY=6 expect_status 0 gentlify --config two.toml -P 9 --retries 0 --print-config
has max_concurrency 9 -P
has max_attempts 1 --retries

cp "$out" printed.toml
expect_status 0 gentlify --config printed.toml --print-config
has max_concurrency 9 printed.toml
