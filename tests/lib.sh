# shellcheck shell=bash
# Helpers of the test scripts: a script begins with  . "$(dirname "$0")/../lib.sh"
set -euo pipefail

: "${GENTLIFY:?is set by tests/run; run this script as tests/run BUILD_DIR SCRIPT}"

out=$TMPDIR/stdout # what the last command of expect_status or start printed, and
err=$TMPDIR/stderr # what it said

# fail MESSAGE: the test has failed; shows what the last command printed.
fail() {
  echo "$1"
  local file
  for file in "$out" "$err"; do
    if [[ -s $file ]]; then sed "s/^/  ${file##*/}: /" "$file"; fi
  done
  exit 1
}

# skip REASON: the test cannot run here.
skip() {
  echo "$1"
  exit 77
}

# expect_status N COMMAND...: runs COMMAND, which must exit N.
expect_status() {
  local want=$1 status=0
  shift
  "$@" >"$out" 2>"$err" || status=$?
  if ((status != want)); then fail "exit $status, expected $want: $*"; fi
}

# expect_stdout LINE...: stdout was exactly these lines; without LINE, what stands on stdin.
expect_stdout() {
  if (($# > 0)); then printf '%s\n' "$@"; else cat; fi >"$TMPDIR/expected"
  diff -u --label expected --label stdout "$TMPDIR/expected" "$out" || fail "stdout is not as expected"
}

# expect_stderr_matches REGEX: a line of stderr matches the extended regular expression.
expect_stderr_matches() {
  grep -qE -e "$1" "$err" || fail "no line of stderr matches: $1"
}

# wait_for COMMAND...: until COMMAND succeeds, for 20 s at most.
wait_for() {
  local try
  for ((try = 0; try < 1000; try++)); do
    if "$@"; then return; fi
    sleep 0.02
  done
  fail "still not true after 20 s: $*"
}

# start COMMAND...: runs COMMAND in the background, as $pid, with SIGINT as a shell's user has it.
start() {
  # What the last command said would be taken for this one's until it has opened the files.
  : >"$out" >"$err"
  env --default-signal=INT,QUIT "$@" >"$out" 2>"$err" <&0 &
  pid=$!
  trap '[[ -z $pid ]] || kill -KILL "$pid"' EXIT
}

# worker: the pid of the process that runs the jobs; $pid is its guardian.
worker() {
  local first
  read -r first _ <"/proc/$pid/task/$pid/children" || true # it ends in no newline
  echo "$first"
}

# kill_run: both processes of the run are gone at once, as in a crash: stopped first, neither can do
# anything about the other's end. Its jobs, which the kernel kills then, are gone as well.
kill_run() {
  local worker process jobs=()
  worker=$(worker)
  kill -STOP "$pid" "$worker"
  read -ra jobs <"/proc/$worker/task/$worker/children" || true
  kill -KILL "$pid" "$worker"
  expect_end 137
  for process in "$worker" "${jobs[@]}"; do wait_for is_gone "$process"; done
}

# resume_command: the one that the last run said goes on with it.
resume_command() {
  sed -nE 's/^gentlify: to (go on with what is left|run again what has failed): (.*)/\2/; T; s/ \(with the same standard input\)$//; p' "$err"
}

# expect_end N: the command of `start` ends, and exits N (128 + signal where a signal killed it).
expect_end() {
  local status=0
  wait "$pid" 2>/dev/null || status=$?
  pid=
  if ((status != $1)); then fail "exit $status, expected $1"; fi
}

# is_alive PID: the process runs; one that has ended and waits to be reaped does not.
is_alive() {
  [[ -e /proc/$1/stat && $(sed 's/.*) //' "/proc/$1/stat") != [ZX]* ]]
}

is_gone() {
  ! is_alive "$1"
}

# make_gate: a job that does `read x <go` waits there until the script does `echo >&9`. The FIFO is
# held open, so that neither waits for the other to open it.
make_gate() {
  mkfifo go
  exec 9<>go
}

# A job that prints when it starts, in hundredths of a second since this machine is up:
#   sh "$tell_start"
tell_start=$TMPDIR/tell_start
echo 'read up _ </proc/uptime; echo "${up%.*}${up#*.}"' >"$tell_start"

# begin: from now on expect_starts_after counts.
begin() {
  begin=$(sh "$tell_start")
}

# expect_starts_after MS...: so many jobs told their start on stdout, the k-th no sooner than the
# k-th MS after `begin`.
expect_starts_after() {
  local starts k=0 ms
  mapfile -t starts < <(sort -n "$out")
  ((${#starts[@]} == $#)) || fail "${#starts[@]} starts, expected $#"
  for ms in "$@"; do
    # What begin tells is cut off, and so up to a hundredth early.
    ((starts[k] - begin + 1 >= ms / 10)) ||
      fail "start $((k + 1)) came $(((starts[k] - begin) * 10)) ms after the begin, before $ms ms"
    k=$((k + 1))
  done
}
