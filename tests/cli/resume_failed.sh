#!/usr/bin/env bash
# What runs again: with --resume nothing that is done or has failed for good, with --resume-failed that,
# too. A run whose record still holds failed jobs exits 1.
. "$(dirname "$0")/../lib.sh"

cat >list <<'CSV'
ok,0
broken,1
permanent,65
"bad"row,1
signal,9
CSV
job='echo "$1" >>ran; [ -e mended ] || case $2 in 9) kill -9 $$;; *) exit $2;; esac'
run=(-j 1 --controller fixed --retries 0 --csv --journal run -a list sh -c "$job" sh '{1}' '{2}')
ran_are() {
  [[ -e ran ]] || : >ran
  [[ $(paste -sd ' ' ran) == "$1" ]] || fail "these ran: $(<ran)"
  rm ran
}
expect_status 1 gentlify "${run[@]}"
ran_are 'ok broken permanent signal'

expect_status 1 gentlify --resume "${run[@]}"
ran_are ''
expect_stderr_matches '^gentlify: going on with the run in run: 1 of 5 jobs done, 4 failed$'
expect_stderr_matches '^gentlify: 4 jobs failed in earlier runs, and were not run again$'
[[ $(resume_command) == *' --resume-failed sh -c '* ]] || fail "it goes on with: $(resume_command)"

touch mended
expect_status 1 gentlify --resume-failed "${run[@]}"
expect_stderr_matches '^gentlify: going on with the run in run: 1 of 5 jobs done, 4 failed and to be run again$'
ran_are 'broken permanent signal'
expect_status 1 gentlify --resume "${run[@]}"
expect_stderr_matches '^gentlify: 1 job failed in earlier runs, and was not run again$'
ran_are ''

# So it is where jobs are known by their content.
cp list list.0 && echo '"bad"row,1' >>list
run=("${run[@]/%run/content}")
expect_status 1 gentlify --resume=content "${run[@]}"
for flag in --resume --resume-failed; do
  expect_status 1 gentlify "$flag" "${run[@]}"
  expect_stderr_matches '^gentlify: going on with the run in content, by content: 4 jobs done, 2 failed'
done
rm ran

# When all of them are done at last, so is the run.
rm mended
run=(--retries 0 --journal other sh -c 'echo "$1" >>ran; [ -e mended ]' sh ::: 1)
expect_status 1 gentlify "${run[@]}"
expect_status 1 gentlify --resume-failed "${run[@]}"
ran_are '1 1'
touch mended
expect_status 0 gentlify --resume-failed "${run[@]}"
ran_are 1
expect_status 0 gentlify --resume "${run[@]}"
expect_status 0 gentlify --resume-failed "${run[@]}"
ran_are ''
