#!/usr/bin/env bash
# Where the system refuses a call, at whichever job, no job is lost and none runs twice. This is a
# part of the table; tests/fault/run_all goes through all of it.
. "$(dirname "$0")/../lib.sh"

inject=$(dirname "$0")/inject
strace -qq -o /dev/null true 2>"$err" || skip "strace cannot trace here: $(head -n 1 "$err")"

# A sanitizer reads its own files as the program begins, and does without what it cannot read.
instrumented=0
if grep -qa __asan_init "$(command -v gentlify)"; then instrumented=1; fi

some='1 2 3 5 8 13 21 34 50'
while read -r syscall error calls; do
  if ((instrumented)) && [[ $syscall == read ]]; then continue; fi
  # shellcheck disable=SC2086
  "$inject" "$syscall" "$error" $calls || fail "see above"
done <<END
pipe2 EMFILE $some
clone EAGAIN $some
epoll_ctl ENOMEM 1 2 3 4 $some
epoll_ctl ENOSPC 7+
fcntl EAGAIN 4 13
read EINTR 12 21
read EAGAIN 12 21
write EINTR 1 2 5
write EAGAIN 1 2 5
epoll_create1 EMFILE 1 2
signalfd4 ENFILE 1
END
