#!/usr/bin/env bash
# A full disk under TMPDIR costs no output; an error of standard output ends the run with 74.
. "$(dirname "$0")/../lib.sh"

strace -qq -o /dev/null true 2>"$err" || skip "strace cannot trace here: $(head -n 1 "$err")"
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
refusing() { # SYSCALL ERROR CALLS COMMAND...
  local inject="inject=$1:error=$2:when=$3"
  shift 3
  strace -qq -f -b execve -o /dev/null -e signal=none "${refuse_on[@]}" -e "$inject" "$@"
}

# 19 MB a job, more than is kept in memory.
cat >numbers <<'END'
seq -f "$1.%.0f" 1 2000000
END
for job in 1 2 3; do sh numbers $job; done | sort | cksum >want
# Full all the time; full for a while, when some of it has been written.
for calls in 1+ 100..150; do
  refuse_on=()
  expect_status 0 refusing pwrite64 ENOSPC "$calls" gentlify -j 3 --controller fixed sh numbers {} ::: 1 2 3
  sort "$out" | cksum >have
  cmp -s want have || fail "ENOSPC at $calls: bytes are lost or changed"
  (($(cut -d. -f1 "$out" | uniq | wc -l) == 3)) || fail "ENOSPC at $calls: outputs are mixed"
done

seq 1000 >items
for error in EIO ENOSPC; do
  rm -f ran
  refuse_on=(-P "$PWD/shown")
  status=0
  refusing write "$error" 3+ gentlify -j 1 sh -c 'echo $1; echo >>ran' sh <items >shown 2>"$err" || status=$?
  ((status == 74)) || fail "$error: exit $status"
  (($(grep -c '^gentlify: standard output cannot be written' "$err") == 1)) || fail "$error: not told once"
  (($(wc -l <ran) <= 5)) || fail "$error: $(wc -l <ran) jobs ran"
done
