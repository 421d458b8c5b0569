#!/usr/bin/env bash
# --output line shows whole lines as they come, and never mixes two.
. "$(dirname "$0")/../lib.sh"

# The first job waits for what the second one wrote to be seen.
start gentlify -j 2 --controller fixed --output line sh -c '
  [ $1 = 2 ] && { echo two; exec sleep 300; }
  printf on; until grep -q two "$2"; do sleep 0.01; done; printf "e\nrest"' sh {} "$out" ::: 1 2
seen() { grep -q '^rest$' "$out"; }
wait_for seen
kill -QUIT "$pid"
expect_end 131
expect_stdout two one rest

# Eight jobs write lines in pieces: every line is whole.
cat >pieces <<'END'
i=0
while [ $i -lt 2000 ]; do
  printf "$1.$i-"; printf "xxxxxxxxxxxxxxxxxxxx-"; printf "$1.$i\n"; i=$((i + 1))
done
END
expect_status 0 gentlify -j 8 --controller fixed --output line sh pieces ::: 1 2 3 4 5 6 7 8
(($(grep -cE '^([0-9]\.[0-9]+)-x{20}-\1$' "$out") == 16000)) || fail "a line is broken or lost"
(($(wc -l <"$out") == 16000)) || fail "there are other lines"

# What a job says on stderr is understood all the same.
expect_status 0 gentlify --output line --overload-match slow sh -c \
  '[ $GENTLIFY_ATTEMPT -gt 1 ] || { echo slow >&2; exit 1; }' sh ::: a
expect_stderr_matches '^slow$'
expect_stderr_matches '2 attempts'

# A reader that does not read holds the jobs up, and no memory fills.
most=48000
if grep -qa __asan_init "$(command -v gentlify)"; then most=96000; fi # which has much of its own
mkfifo slow
start bash -c 'exec gentlify --output line sh -c "exec head -c 200000000 /dev/zero | tr \"\\0\" \"\\n\"" sh ::: a >slow'
exec 8<slow
stalls() {
  local before after
  before=$(awk '/^rchar/ { print $2 }' "/proc/$(worker)/io")
  sleep 0.3
  after=$(awk '/^rchar/ { print $2 }' "/proc/$(worker)/io")
  ((before > 100000 && after == before))
}
wait_for stalls
peak=$(awk '/VmHWM/ { print $2 }' "/proc/$(worker)/status")
((peak < most)) || fail "$peak KiB of memory"
(($(wc -c <&8) == 200000000)) || fail "bytes are lost"
expect_end 0
