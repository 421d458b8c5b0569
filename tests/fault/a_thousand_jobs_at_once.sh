#!/usr/bin/env bash
# A thousand jobs at once take little memory and three descriptors each, and end when they are told.
. "$(dirname "$0")/../lib.sh"

(($(ulimit -Hn) >= 3100)) || skip "the hard limit of descriptors (ulimit -Hn) is under 3100"
if [[ $(ulimit -u) != unlimited ]]; then
  (($(ulimit -u) >= 2000)) || skip "the limit of processes (ulimit -u) is under 2000"
fi

seq 1000 >items
start gentlify -j 1000 --controller fixed --kill-grace 1 sleep 300 <items
jobs=()
all_run() {
  worker=$(worker)
  [[ -n $worker ]] || return 1
  read -r -a jobs <"/proc/$worker/task/$worker/children" || true # it ends in no newline
  ((${#jobs[@]} == 1000))
}
wait_for all_run

memory() { awk '/VmRSS/ { print $2 }' "/proc/$1/status"; }
kib=$(($(memory "$pid") + $(memory "$worker")))
descriptors=$(find "/proc/$worker/fd" -mindepth 1 | wc -l)
echo "$kib KiB, $descriptors descriptors"
# What a sanitizer holds back of freed memory is its own.
grep -qa __asan_init "$(command -v gentlify)" || ((kib <= 160 * 1024)) || fail "$kib KiB of memory"
((descriptors <= 3 * 1000 + 32)) || fail "$descriptors descriptors"

kill -TERM "$pid"
wait_for grep -q 'draining: 1000 running' "$err"
kill -INT "$pid"
expect_end 130
expect_stderr_matches ': 0 ok, 1000 unfinished$'
for job in "${jobs[@]}"; do
  ! is_alive "$job" || fail "job $job is alive"
done
