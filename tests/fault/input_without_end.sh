#!/usr/bin/env bash
# Of a long input no more is kept in memory than what is read ahead; the rest stays in the pipe.
. "$(dirname "$0")/../lib.sh"

make_gate
mkfifo items
seq -f 'an item that takes up some room: %.0f' 5000000 >items &
writer=$!
start gentlify -j 1 --progress none sh -c 'touch at; read x <go' <items
trap 'kill -KILL "$pid" "$writer"' EXIT
wait_for test -e at
worker=$(worker)
# The writer waits for us, and we for the job: what it has written stays the same.
before=0
is_full() {
  local written
  written=$(awk '/^wchar/ { print $2 }' "/proc/$writer/io")
  ((written > 1 << 20 && written == before)) || { before=$written && false; }
}
wait_for is_full
is_alive "$writer" || fail "all of it was read"
kib=$(awk '/VmHWM/ { print $2 }' "/proc/$worker/status")
echo "$kib KiB"
grep -qa __asan_init "$(command -v gentlify)" || ((kib <= 32 * 1024)) || fail "$kib KiB of memory"
kill -QUIT "$pid"
expect_end 131
trap - EXIT
wait "$writer" 2>/dev/null || true # of SIGPIPE
