#!/usr/bin/env bash
# A run that goes on shows, counts and records what is left: the jobs keep their numbers and their order.
. "$(dirname "$0")/../lib.sh"
make_gate

# -k: the second job ends after the fifth, and is shown before it.
seq 6 >list
job='[ -e mended ] || case $1 in 2 | 5) exit 1;; esac
  case $1 in 2) read x <go;; 5) echo >go;; esac
  echo "$GENTLIFY_SEQ $1"'
run=(-j 4 --controller fixed --retries 0 --journal run -a list sh -c "$job" sh)
files=(--joblog log --results out --junit junit)
expect_status 1 gentlify -k "${files[@]}" "${run[@]}"
expect_stdout '1 1' '3 3' '4 4' '6 6'
touch mended
echo kept >out/kept
expect_status 0 gentlify -k "${files[@]}" --resume-failed --summary summary "${run[@]}"
expect_stdout '2 2' '5 5'
grep -q '"ok":2,"failed":0,' summary || fail "the summary: $(<summary)"
grep -q 'tests="2" failures="0"' junit || fail "the report: $(<junit)"

# What the runs before have written stays, and is replaced where a job ran again.
[[ $(cut -f 1,7 log | tr '\t' = | sort -n | paste -sd ' ') == 'Seq=Exitval 1=0 2=0 2=1 3=0 4=0 5=0 5=1 6=0' ]] ||
  fail "the log: $(<log)"
for i in 1 2 3 4 5 6; do
  [[ $(<out/$i/stdout) == "$i $i" && $(<out/$i/meta.json) == *'"outcome":"success"'* ]] || fail "results of $i"
done
[[ $(<out/kept) == kept ]] || fail "another file is gone"
cp run copy
expect_status 64 gentlify --resume=content --results out "${run[@]}"
expect_stderr_matches '^gentlify: --results out cannot go with --resume=content: '
cmp run copy || fail "the journal was changed"

# Progress is that of what is left.
job='echo "$1" >>ran; [ -e mended ] || case $1 in 2 | 5) exit 1;; esac; [ ! -e gated ] || read x <go'
run=(-j 1 --controller fixed --retries 0 --journal counted -a list sh -c "$job" sh)
rm mended
expect_status 1 gentlify "${run[@]}"
rm ran
touch mended gated
start gentlify --progress milestones --resume-failed "${run[@]}"
wait_for test -s ran
asked_for_percent() { kill -USR1 "$pid" && grep -q '% ' "$err"; }
wait_for asked_for_percent
printf '\n\n' >&9
expect_end 0
expect_stderr_matches '^gentlify: 0% 0/2 · 0 ok · 1 running, limit 1$'
expect_stderr_matches '^gentlify: 2 jobs in .*: 2 ok$'
