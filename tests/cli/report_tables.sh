#!/usr/bin/env bash
# `gentlify report JOURNAL` tells how a run went: of one that is over, goes on, was resumed, cut short
# or damaged. The journal stays as it is.
. "$(dirname "$0")/../lib.sh"

# shows REGEX...: the report has a line like each.
shows() {
  local line
  for line; do grep -qE -e "$line" "$out" || fail "the report has no line: $line"; done
}

expect_status 1 gentlify -q -j 2 --controller fixed --retries 1 --retry-base-delay 0 --overload-exit 75 --journal run \
  --label 'team=a b' sh -c '
  case $1:$GENTLIFY_ATTEMPT in
    3:*) printf "no \033[31m%s\n" record >&2; exit 3 ;;
    5:1) exit 75 ;;
  esac' sh ::: 1 2 3 4 5 6
cp run before
COLUMNS=100 expect_status 0 gentlify report run
cmp run before || fail "the journal was changed"
shows '^5 of 6 jobs done, 1 failed, in .* \(exit 1\)$' '^team=a b$' '^  done +5 +83.3 %$' \
  '^  failed +1 ' '^  repeated +2 ' '^  success +5 ' '^  failure +2 ' '^  overload +1 ' '^  in all +8$' \
  '^  running +.*[█▇▆▅▄▃▂▁]' '^  50 % ' '^ +1 +2  exit 3: no \\x1B\[31mrecord$' \
  '^ +0 +1  exit 75 \[overload\]$' '^  retry.max_attempts +2$'
(($(LC_ALL=C.UTF-8 wc -L <"$out") <= 100)) || fail "wider than 100 columns"
cp "$out" plain
COLUMNS=100 expect_status 0 gentlify report --text run
diff plain "$out" || fail "--text is something else"

# One that was killed goes on: two sessions, and what was between them is no time of the run.
make_gate
start gentlify -q -j 1 --journal killed --resume sh -c 'test $1 != 2 || { echo >ran; read x <go; }' sh ::: 1 2 3
wait_for test -s ran
expect_status 0 gentlify report killed
shows '^1 of .* jobs? done, in .*\(no end on record' '^  unfinished +1 '
kill_run
expect_status 0 gentlify report killed
sleep 1.2
expect_status 0 gentlify -q -j 1 --journal killed --resume sh -c 'test $1 != 2 || { echo >ran; read x <go; }' sh ::: 1 2 3 9>&9 < <(echo >&9)
COLUMNS=100 expect_status 0 gentlify report killed
shows '^3 of 3 jobs done, in ' '^  unfinished +1 ' '^ +1 .* not on record$' '^ +2 .* exit 0$'

# A torn end is told of, a damaged journal is not read.
printf '{"t":"start","seq":9' >>run
COLUMNS=100 expect_status 0 gentlify report run
shows '^5 of 6 jobs done' '^The last 20 bytes of the journal are no whole record and are left out'
line=$(grep -n '"t":"end","seq":2,' before | cut -d : -f 1)
sed "${line}s/success/succes5/" before >damaged
expect_status 65 gentlify report damaged
expect_stderr_matches "^gentlify: damaged: the record on line $line \(byte [0-9]+\) is damaged"

# A run of no jobs, and what is no journal at all.
expect_status 0 gentlify -q --journal none true </dev/null
expect_status 0 gentlify report none
shows '^0 of 0 jobs done'
: >empty
echo hello >other
for file in empty other; do
  expect_status 65 gentlify report "$file"
  expect_stderr_matches "^gentlify: $file: "
done
expect_status 66 gentlify report nowhere
expect_stderr_matches '^gentlify: nowhere: No such file or directory$'
expect_status 66 gentlify report .
expect_status 64 gentlify report
expect_status 64 gentlify report run none
expect_status 64 gentlify report --text -o - run
expect_status 64 gentlify report -j 3 run
expect_stderr_matches 'there is no flag -j; gentlify report --help lists them'
expect_status 0 gentlify report --help
shows '^Usage: gentlify report ' ' -o, --page FILE '
