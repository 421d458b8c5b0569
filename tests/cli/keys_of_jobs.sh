#!/usr/bin/env bash
# GENTLIFY_JOB_KEY tells a job's attempts from those of all others: the same at each retry and in each
# run that goes on, and another one in every other run.
. "$(dirname "$0")/../lib.sh"

job='echo "$1 $GENTLIFY_JOB_KEY"; exit 1'
run=(-j 1 --controller fixed --retries 1 --retry-base-delay 1ms --all-attempts sh -c "$job" sh)
words=(::: a b a c)

# keys FLAG...: a run's jobs and their keys, each twice.
keys() {
  expect_status 1 gentlify "$@"
  (($(wc -l <"$out") == 8)) || fail "not each job had two attempts"
  (($(grep -cE '^[abc] [0-9a-f]{32}$' "$out") == 8)) || fail "keys have another form"
  (($(sort -u "$out" | wc -l) == 4 && $(cut -d ' ' -f 2 "$out" | sort -u | wc -l) == 4)) || fail "not a key for each job"
  sort -u "$out"
}
first=$(keys --journal run "${run[@]}" "${words[@]}")
[[ $(keys --journal run --resume-failed "${run[@]}" "${words[@]}") == "$first" ]] || fail "other keys when run again"
[[ $(keys --journal run --resume-failed --resume=content "${run[@]}" ::: c a a b) == "$first" ]] ||
  fail "other keys in another place"
[[ $(keys --journal run --resume-failed "${run[@]}" ::: a a b c) == "$first" ]] || fail "other keys the next time"
for other in '' '--journal new' '--journal newer --resume=content'; do
  # shellcheck disable=SC2086
  keys $other "${run[@]}" "${words[@]}" >"$TMPDIR/keys"
  [[ -z $(comm -12 <(cut -d ' ' -f 2 <<<"$first" | sort) <(cut -d ' ' -f 2 "$TMPDIR/keys" | sort)) ]] ||
    fail "a key of another run: $other"
done

# So it is where the run was killed in the middle of a job, and for what is appended.
make_gate
run=(-j 1 --journal killed sh -c 'echo "$1 $GENTLIFY_JOB_KEY" >>told; read x <go' sh)
start gentlify "${run[@]}" ::: a a b
wait_for test -s told
kill_run
printf '\n\n\n\n' >&9
expect_status 0 gentlify --resume "${run[@]}" ::: a a b b
[[ $(uniq -d told) == "$(head -n 1 told)" && $(sort -u told | wc -l) == 4 ]] || fail "keys: $(<told)"
