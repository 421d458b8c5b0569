#!/usr/bin/env bash
# Grouped: a job's output appears whole, each stream on its own, the last attempt's only.
. "$(dirname "$0")/../lib.sh"

expect_status 0 gentlify -j 4 sh -c 'for i in 1 2 3 4 5; do echo $1.$i; echo e$1.$i >&2; done' sh < <(seq 20)
awk -F. '$2 == 1 {job = $1; n = 0} {n++; if ($1 != job || $2 != n) exit 1}' "$out" || fail "interleaved"
(($(grep -c ^e "$err") == 100)) || fail "stderr of jobs is not all there"

expect_status 0 gentlify --retry-base-delay 1ms sh -c 'echo try $GENTLIFY_ATTEMPT; test $GENTLIFY_ATTEMPT = 2' sh ::: a
expect_stdout 'try 2'

head -c 3000000 /dev/urandom >bytes
expect_status 0 gentlify cat ::: bytes
cmp bytes "$out" || fail "bytes were changed"

# Where both streams are the same file a job's stderr follows its stdout, and ours what it tells of.
both() { gentlify -j 4 --retries 0 "$@" 2>&1; }
expect_status 1 both -k sh -c 'echo e$1 >&2; echo o$1; [ $1 != 3 ]' sh ::: 1 2 3
grep -v '^gentlify: ' "$out" | paste -sd ' ' >"$TMPDIR/order"
[[ $(<"$TMPDIR/order") == 'o1 e1 o2 e2 o3 e3' ]] || fail "out of order: $(<"$TMPDIR/order")"
[[ $(tail -n 1 "$out") == 'gentlify: 3 jobs in '* ]] || fail "the summary does not come last"
