#!/usr/bin/env bash
# --journal: a second run of the same journal is refused, and names the first one.
. "$(dirname "$0")/../lib.sh"
make_gate

start gentlify --journal run sh -c 'touch begun; read x <go' sh ::: 1
wait_for test -e begun
for flag in --resume --resume-failed --repair --resume=content --journal-sync=off; do
  status=0
  gentlify "$flag" --journal run touch ::: ran 2>refusal || status=$?
  ((status == 75)) || fail "exit $status with $flag: $(<refusal)"
  holder=$(sed -n 's/^gentlify: --journal run: the run with pid \([0-9]*\) is writing it; try again when it has ended$/\1/p' refusal)
  [[ $holder == "$pid" ]] && kill -0 "$holder" || fail "$flag says: $(<refusal)"
done
[[ ! -e ran ]] || fail "a job ran"
echo >&9
expect_end 0
expect_status 0 gentlify --resume --journal run sh -c 'touch begun; read x <go' sh ::: 1
