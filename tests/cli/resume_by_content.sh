#!/usr/bin/env bash
# --resume=content: jobs are known by their items, wherever these stand in the list now.
. "$(dirname "$0")/../lib.sh"

job='echo "$1" >>ran; [ "$1" != bad ] || [ -e mended ]'
run=(-j 1 --retries 0 --journal run -a list sh -c "$job" sh)
ran_are() {
  [[ $(paste -sd ' ' ran) == "$1" ]] || fail "these ran: $(<ran)"
  rm ran
}
printf '%s\n' a b c d bad e f >list
expect_status 1 gentlify --halt soon,fail=1 "${run[@]}"
ran_are 'a b c d bad'

# Inserted, moved, removed, and there twice.
printf '%s\n' new d e bad a c a f >list
expect_status 65 gentlify --resume "${run[@]}"
expect_status 1 gentlify --resume=content "${run[@]}"
expect_stderr_matches '^gentlify: going on with the run in run, by content: 4 jobs done, 1 failed$'
expect_stderr_matches '^gentlify: 1 job failed in earlier runs, and was not run again$'
ran_are 'new e a f'

# From then on that is how this run goes on.
printf '%s\n' f a e c a bad d new z >list
touch mended
expect_status 0 gentlify --resume-failed "${run[@]}"
ran_are 'bad z'
expect_status 0 gentlify --resume "${run[@]}"
[[ ! -e ran ]] || fail "something ran again: $(<ran)"
for ((i = 0; i < 3; i++)); do echo a >>list; done
expect_status 0 gentlify --resume "${run[@]}"
ran_are 'a a a'

# A run may begin so, and what was cut short is found again elsewhere.
make_gate
printf '%s\n' x y z >list
start gentlify -j 1 --resume=content --journal new -a list sh -c 'echo "$1" >>ran; [ "$1" = x ] || read x <go' sh
wait_for grep -qsx y ran
kill_run
printf '%s\n' z y x >list
printf '\n\n' >&9
expect_status 0 gentlify -j 1 --resume --journal new -a list sh -c 'echo "$1" >>ran; [ "$1" = x ] || read x <go' sh
expect_stderr_matches '^gentlify: going on with the run in new, by content: 1 job done, 1 begun and not finished$'
ran_are 'x y z y'
