#!/usr/bin/env bash
# An item that never ends does not keep a signal from being heard.
. "$(dirname "$0")/../lib.sh"

start gentlify -j 1 echo </dev/zero
reads() { grep -qE '^rchar: [0-9]{8}' "/proc/$(worker)/io"; }
wait_for reads
kill -TERM "$pid"
expect_end 143
