#!/usr/bin/env bash
# However much jobs write, memory stays flat, and every byte arrives in its place.
. "$(dirname "$0")/../lib.sh"

# numbers FROM [MANY]: 9 MB, or more, that are different for each FROM.
cat >numbers <<'END'
seq -f "$1.%.0f" 1 ${2:-900000}
END

# peak: the most memory that gentlify's worker had, in KiB, as its last job sees it.
peak='awk "/VmHWM/ { print \$2 }" /proc/$PPID/status >peak'

# What a sanitizer holds back of freed memory is its own.
most=48000
if grep -qa __asan_init "$(command -v gentlify)"; then most=400000; fi

expect_status 0 gentlify -j 4 sh -c "[ \$1 = 9 ] && { $peak; exit; }; exec sh numbers \$1" sh ::: 1 2 3 4 5 6 7 8 9
for job in 1 2 3 4 5 6 7 8; do sh numbers $job; done | sort | cksum >want
sort "$out" | cksum >have
cmp -s want have || fail "bytes are lost or changed"
# Each job's output stands together.
(($(cut -d. -f1 "$out" | uniq | wc -l) == 8)) || fail "outputs are mixed"
(($(<peak) < most)) || fail "$(<peak) KiB of memory"

# With no room for it in the file, one job's goes straight through, and the others wait. Each alone
# is more than what is kept in memory.
for job in 1 2 3; do sh numbers $job 2000000; done | sort | cksum >want
for room in 1M 0; do
  expect_status 0 gentlify -j 3 --controller fixed --spool-max $room sh -c \
    "[ \$1 = 9 ] && { $peak; exit; }; exec sh numbers \$1 2000000" sh ::: 1 2 3 9
  sort "$out" | cksum >have
  cmp -s want have || fail "with room for $room bytes are lost or changed"
  (($(cut -d. -f1 "$out" | uniq | wc -l) == 3)) || fail "with room for $room outputs are mixed"
  (($(<peak) < most)) || fail "with room for $room: $(<peak) KiB of memory"
  expect_stderr_matches '^gentlify: no more output can be kept \(--spool-max is reached\): '
done

# A directory for it that is none is as good as no room.
TMPDIR=nowhere expect_status 0 gentlify -j 3 --controller fixed sh numbers {} 2000000 ::: 1 2 3
sort "$out" | cksum >have
cmp -s want have || fail "without a directory bytes are lost or changed"
expect_stderr_matches '^gentlify: no more output can be kept \(in nowhere: No such file or directory\): '
