#!/usr/bin/env bash
# --rate N/T: by the jobs' own clock none comes sooner than the rate allows, counted from the start.
. "$(dirname "$0")/../lib.sh"

begin
expect_status 0 gentlify -j 8 --rate 20/s sh "$tell_start" < <(seq 9)
expect_starts_after 0 50 100 150 200 250 300 350 400

begin
expect_status 0 gentlify -j 8 --rate 20/s --rate-mode burst --burst 5 sh "$tell_start" < <(seq 9)
expect_starts_after 0 0 0 0 0 50 100 150 200

begin
expect_status 0 gentlify -j 8 --rate 4/300ms --rate-mode exact sh "$tell_start" < <(seq 9)
expect_starts_after 0 0 0 0 300 300 300 300 600

# A retry is a start.
begin
expect_status 0 gentlify --rate 10/s --retry-base-delay 0 sh -c \
  'sh "$1" >>starts; test $(wc -l <starts) = 3' sh ::: "$tell_start"
cp starts "$out"
expect_starts_after 0 100 200

# -j 0 is no cap: jobs that do not end do not hold up those that may start.
make_gate
start gentlify -j 0 --rate 1000/s --controller fixed sh -c 'echo >>up; read x <go' < <(seq 40)
all_up() { [[ -e up ]] && (($(wc -l <up) == 40)); }
wait_for all_up
kill -USR1 "$pid"
wait_for grep -q ' 40 running' "$err"
! grep -q limit "$err" || fail "a limit is told where there is none"
for ((i = 0; i < 40; i++)); do echo >&9; done
expect_end 0

# What makes no sense together is refused, as is what is no rate.
expect_status 64 gentlify -j 0 true ::: a
expect_stderr_matches 'max_concurrency = 0 \(-j\) needs a limit on starts and cannot go with rate = none \(the default\)'
expect_status 64 gentlify --rate 10 true ::: a
expect_stderr_matches '^gentlify: --rate 10: must be none or a rate such as 10/s, '
expect_status 64 gentlify --rate 10/s --burst 5 true ::: a
expect_stderr_matches 'burst = 5 \(--burst\) cannot go with rate_mode = drip'
expect_status 64 gentlify --controller aimd --min-rate 60 true ::: a
expect_stderr_matches 'min_rate = 60 \(--min-rate\) must not be over max_rate = 50'
GENTLIFY_RATE=0/s expect_status 78 gentlify true ::: a
expect_stderr_matches 'GENTLIFY_RATE=0/s: must be none or a rate'
printf 'rate = "10/s"\nburst = 2\n' >half.toml
expect_status 78 gentlify --config half.toml true ::: a
expect_stderr_matches 'burst = 2 \(half.toml:2:[0-9]+\) cannot go with rate_mode = drip'
