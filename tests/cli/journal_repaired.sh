#!/usr/bin/env bash
# A damaged journal is refused; --repair keeps a copy of it, and jobs whose records are lost run again.
# What the end of a run has torn is no damage.
. "$(dirname "$0")/../lib.sh"

run=(-j 1 --journal run sh -c 'echo "$1" >>ran' sh ::: 1 2 3 4)
expect_status 0 gentlify "${run[@]}"
cp run whole
rm ran

# The line behind a good record, half of one and NULs are cut off.
printf '{"t":"start","seq":9\0\0\0' >>run
expect_status 0 gentlify --resume "${run[@]}"
expect_stderr_matches '^gentlify: run: its last 23 bytes are no whole record, and were cut off: the run before was cut short$'
[[ ! -e ran ]] || fail "a job ran again: $(<ran)"

# The end of the second job is lost.
line=$(grep -n '"t":"end","seq":2,' whole | cut -d : -f 1)
sed "${line}s/success/succes5/" whole >run
cp run damaged
for flag in --resume --resume-failed; do
  expect_status 65 gentlify "$flag" "${run[@]}"
  expect_stderr_matches "^gentlify: --journal run: the record on line $line \(byte [0-9]+\) is damaged, and nothing was run; --repair keeps a copy and goes on with the others, and jobs whose record is lost run again$"
  cmp run damaged || fail "it was changed"
done
expect_status 73 gentlify "${run[@]}"
expect_status 0 gentlify --repair "${run[@]}"
expect_stderr_matches "^gentlify: run was damaged at line $line and is mended; as it was it is in run.damaged$"
cmp run.damaged damaged || fail "the copy is not what was there"
[[ $(<ran) == 2 ]] || fail "these ran: $(<ran)"
expect_status 0 gentlify --resume "${run[@]}"
expect_stderr_matches '^gentlify: going on with the run in run: 4 of 4 jobs done$'

# Copies do not take each other's place, and a sound journal needs none.
cp damaged run
expect_status 0 gentlify --repair "${run[@]}"
[[ -e run.damaged.1 ]] || fail "no second copy: $(ls)"
expect_status 0 gentlify --repair "${run[@]}"
[[ ! -e run.damaged.2 ]] || fail "a copy of a sound journal"
