#!/usr/bin/env bash
# --journal: what cannot hold a record that lasts is refused before the first job.
. "$(dirname "$0")/../lib.sh"

mkdir directory
mkfifo pipe
ln -s target link
for journal in directory pipe link /dev/null nowhere/run; do
  expect_status 73 timeout 20 gentlify --journal "$journal" touch ::: ran
  expect_stderr_matches "^gentlify: --journal $journal: "
  [[ ! -e ran && ! -e target ]] || fail "a job ran, or a link was followed: $journal"
done
if ((EUID == 0)) && chown 12345 directory; then
  touch foreign
  chown 12345 foreign
  expect_status 77 gentlify --journal foreign touch ::: ran
  expect_stderr_matches '^gentlify: --journal foreign: the file belongs to another user \(uid 12345\)$'
else
  mkdir -m 555 closed
  expect_status 77 gentlify --journal closed/run touch ::: ran
fi
[[ ! -e ran ]] || fail "a job ran"

# One that is removed meanwhile is missed.
make_gate
start gentlify -j 1 --journal run sh -c 'echo "$1" >>started; read x <go' sh ::: 1 2 3
wait_for test -s started
rm run
echo >&9
expect_end 74
expect_stderr_matches '^gentlify: --journal run was removed while the run wrote it: nothing more was started'
