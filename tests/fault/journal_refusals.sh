#!/usr/bin/env bash
# What cannot be a journal, or not now, is refused before anything runs, and is left as it was. A
# journal that goes away while it is written ends the run as one that cannot be written.
. "$(dirname "$0")/../lib.sh"

job='echo "$1" >>ran'

# expect_refusal STATUS FILE [AS...]: with and without --resume.
expect_refusal() {
  local want=$1 file=$2 resume
  shift 2
  for resume in "" --resume; do
    rm -f ran
    # shellcheck disable=SC2086
    expect_status "$want" timeout -k 1 20 "$@" gentlify --journal "$file" $resume sh -c "$job" sh ::: a b
    [[ ! -e ran ]] || fail "$file: a job ran"
    expect_stderr_matches "^gentlify: .*$file"
  done
}

mkfifo fifo
expect_refusal 73 fifo
mkdir directory
expect_refusal 73 directory
ln -s target link
expect_refusal 73 link
[[ ! -e target ]] || fail "a symbolic link was followed"
echo "not ours" >target
expect_refusal 73 link
[[ $(<target) == "not ours" ]] || fail "a symbolic link was followed"
expect_refusal 73 /dev/null
expect_refusal 73 /dev/full
expect_refusal 73 missing/journal
expect_refusal 73 target/journal

# As somebody who may not do everything.
as=()
if ((EUID == 0)); then as=(setpriv "--bounding-set=-dac_override,-dac_read_search"); fi
if "${as[@]}" true 2>/dev/null; then
  mkdir read_only
  chmod 555 read_only
  expect_refusal 77 read_only/journal "${as[@]}"
  touch no_permission
  chmod 000 no_permission
  expect_refusal 77 no_permission "${as[@]}"
fi
if ((EUID == 0)); then
  touch foreign
  chown nobody foreign
  expect_refusal 77 foreign
  [[ ! -s foreign ]] || fail "the file of another was written"
fi

# One that runs holds it, with and without --resume; the other says which.
make_gate
start gentlify --journal journal -j 1 sh -c 'echo "$1" >>ran; read x <go' sh ::: a b
wait_for test -s ran
mv "$out" first.out && mv "$err" first.err
worker=$(worker)
for flag in --resume --repair --resume-failed --journal-sync=off; do
  begin=${EPOCHREALTIME/./}
  expect_status 75 gentlify --journal journal "$flag" sh -c "$job" sh ::: a b
  (((${EPOCHREALTIME/./} - begin) / 1000 < 2000)) || fail "$flag: it has waited"
  grep -qwE "$pid|$worker" "$err" || fail "$flag: the other is not named: it is $pid, its worker $worker"
done
[[ $(wc -l <ran) == 1 ]] || fail "a second run has started a job"
printf '\n\n' >&9
expect_end 0

# It is removed, or another takes its place: what runs ends, nothing more starts.
echo text >other
for how in 'rm journal' 'mv other journal'; do
  rm -f ran ended journal
  start gentlify --journal journal -j 2 sh -c 'echo "$1" >>ran; read x <go; echo "$1" >>ended' sh ::: {1..50}
  wait_for test -s ran
  $how
  # Let go one by one, until nothing is left to be let go.
  for ((i = 0; i < 60; i++)); do
    is_alive "$pid" || break
    echo >&9
    sleep 0.05
  done
  expect_end 74
  expect_stderr_matches '^gentlify: .*journal'
  (($(wc -l <ran) <= 10)) || fail "$how: $(wc -l <ran) jobs ran"
  [[ $(sort ran) == $(sort ended) ]] || fail "$how: what ran did not end"
  exec 9<&-
  rm go
  make_gate
done
[[ $(<journal) == text ]] || fail "what has taken its place was written"

# Standard output that cannot be written: nothing more starts, and the rest is for the resume.
seq 300 >items
run() { gentlify --journal journal -j 2 "$@" sh -c 'echo "$1" >>ran; echo "$1"' sh <items; }
for how in closed full gone; do
  rm -f journal ran
  status=0
  case $how in
    closed) run >&- 2>"$err" || status=$? ;;
    full) run >/dev/full 2>"$err" || status=$? ;;
    gone) run 2>"$err" | head -n 3 >/dev/null || status=${PIPESTATUS[0]} ;;
  esac
  case $how:$status in
    closed:74 | full:74 | gone:141) ;;
    *) fail "standard output $how: exit $status" ;;
  esac
  expect_status 0 run --resume
  sort -nu ran | cmp -s - items || fail "standard output $how: not every job ran"
  (($(wc -l <ran) <= 302)) || fail "standard output $how: $(($(wc -l <ran) - 300)) jobs ran again"
done
