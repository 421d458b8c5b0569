#!/usr/bin/env bash
# --shuf with --resume: the order is the one that the run has begun with.
. "$(dirname "$0")/../lib.sh"

seq 50 >list
run=(-j 1 --controller fixed --retries 0 --shuf --journal run -a list sh -c 'echo "$GENTLIFY_SEQ $1"; [ -e mended ]' sh)
expect_status 1 gentlify --halt soon,fail=20 "${run[@]}"
cp "$out" first
(($(wc -l <first) == 20)) || fail "$(wc -l <first) jobs ran"
expect_status 1 gentlify --resume "${run[@]}"
cat "$out" >>first
[[ $(cut -d ' ' -f 1 first | paste -sd ' ') == "$(seq -s ' ' 50)" ]] || fail "numbers: $(<first)"
[[ $(cut -d ' ' -f 2 first | sort -n | paste -sd ' ') == "$(seq -s ' ' 50)" ]] || fail "items: $(<first)"
touch mended
expect_status 0 gentlify --resume-failed "${run[@]}"
expect_stdout <first
