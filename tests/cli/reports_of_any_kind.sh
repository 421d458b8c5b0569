#!/usr/bin/env bash
# What a job reports cannot hurt: garbage, too much, too long, too late.
. "$(dirname "$0")/../lib.sh"

# One note for the run names the job and the line; the rest of the report counts.
expect_status 0 gentlify --report -j 1 --retries 0 sh -c '
  printf "slow \033[31mdown\ncost many\noverload\n" >&$GENTLIFY_REPORT_FD
  test $GENTLIFY_ATTEMPT = 2' sh ::: a b
expect_stderr_matches "^gentlify: job 1 reported 'slow .x1B\[31mdown', which is not understood"
(($(grep -c 'not understood' "$err") == 1)) || fail "more than one note"
expect_status 0 gentlify --report -q sh -c 'echo x >&$GENTLIFY_REPORT_FD' sh ::: a
[[ ! -s $err ]] || fail "-q does not silence the note"

# 10 MB of lines and of one line, in little memory.
expect_status 0 gentlify --report -j 1 sh -c '
  yes garbage | head -c 10000000 >&$GENTLIFY_REPORT_FD
  head -c 10000000 /dev/zero >&$GENTLIFY_REPORT_FD
  echo >&$GENTLIFY_REPORT_FD
  echo overload >&$GENTLIFY_REPORT_FD
  awk "/VmHWM/ { print \$2 > \"memory\" }" /proc/$PPID/status' sh ::: a
(($(<memory) < 64000)) || fail "$(<memory) KiB of memory"

# A process that the job leaves behind holds neither its slot nor the run, endless writer or not.
expect_status 0 gentlify --leftover keep --report -j 1 sh -c '
  exec >&- 2>&-
  sleep 60 & echo $! >>left
  (trap "" PIPE; while echo overload; do :; done) >&$GENTLIFY_REPORT_FD 2>/dev/null &
  exit 0' sh ::: a b
for left in $(<left); do
  is_alive "$left" || fail "the process that was left behind did not live on"
  kill "$left"
done

# No descriptor but the pipe is given to the job, and no end of it stays open: the job sees the end
# of its own descendants only.
expect_status 0 gentlify --report -j 3 sh -c 'readlink /proc/self/fd/$GENTLIFY_REPORT_FD' sh ::: a b c
(($(sort -u "$out" | wc -l) == 3)) || fail "jobs share a pipe"
