#!/usr/bin/env bash
# --token-budget N/T: what jobs cost is reserved at the start and settled at the end.
. "$(dirname "$0")/../lib.sh"

# Three of these fit a window; a window of an hour never ends here.
expect_status 0 gentlify -q -j 8 --token-budget 6/h --cost 2 echo < <(seq 3)
start gentlify -q -j 8 --token-budget 6/h --cost 2 sh -c 'echo "$1" >>ran' sh < <(seq 5)
three_ran() { [[ -e ran ]] && (($(wc -l <ran) == 3)); }
wait_for three_ran
kill -INT "$pid"
expect_end 130
(($(wc -l <ran) == 3)) || fail "$(wc -l <ran) jobs ran on a budget for three"

# What a job did not cost after all is given back.
expect_status 0 gentlify -q -j 1 --token-budget 6/h --cost 6 --report \
  sh -c 'echo cost 0 >&"$GENTLIFY_REPORT_FD"' sh < <(seq 5)

# What it cost more is spent, also where it failed.
begin
expect_status 1 gentlify -q -j 1 --retries 0 --controller fixed --token-budget 6/300ms --report \
  sh -c 'sh "$0"; echo cost 6 >&"$GENTLIFY_REPORT_FD"; false' "$tell_start" < <(seq 4)
expect_starts_after 0 300 600 900

# A job that can never fit fails at once, alone, with the reason; the rest are done.
expect_status 1 gentlify --token-budget 10/s --cost 11 touch < <(seq 2)
expect_stderr_matches '^gentlify: failed: job 1.*: it costs 11, and the token budget is 10 in 1.0s$'
[[ ! -e 1 ]] || fail "a job ran that can never fit"
expect_status 1 gentlify --rate 10/s --rate-unit cost --cost 11 touch ::: 1
expect_stderr_matches ': it costs 11, and the rate never lets more than 10 through at once$'
expect_status 0 gentlify -q --rate 10/s --cost 11 touch ::: 1

# Half a budget is none.
expect_status 64 gentlify --token-budget-max 9 true ::: a
expect_stderr_matches 'token_budget.max = 9 .* cannot go with token_budget.window = none'
printf '[token_budget]\nwindow = "1m"\n' >half.toml
expect_status 78 gentlify --config half.toml true ::: a
expect_stderr_matches 'token_budget.window = 1m .half.toml:2:[0-9]+. cannot go with'
expect_status 64 gentlify --token-budget 9 true ::: a
expect_stderr_matches '^gentlify: --token-budget 9: must be none or a rate such as 10/s, '
