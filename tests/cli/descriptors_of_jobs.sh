#!/usr/bin/env bash
# --pass-fd gives a job a descriptor that gentlify has; others it does not get.
. "$(dirname "$0")/../lib.sh"

expect_status 0 gentlify -k --pass-fd 8 sh -c 'echo "$1" >&8; ls /proc/self/fd | paste -sd " "' sh ::: a 8>log 9>other
[[ $(<log) == a ]] || fail "nothing came through descriptor 8"
[[ $(<"$out") == '0 1 2 3 8' ]] || fail "a job has the descriptors $(<"$out")"
expect_status 0 gentlify -j 1 --pass-fd 8 --pass-fd=9 sh -c 'echo "$1" >&8; echo "$1" >&9' sh ::: a b 8>log 9>other
[[ $(paste -sd ' ' log other) == $'a b\na b' || $(cat log other | paste -sd ' ') == 'a b a b' ]] || fail "two descriptors"

# With make's jobserver its jobs and ours share the tokens.
if command -v make >/dev/null; then
  printf 'all:\n\t+@gentlify -j 1 --pass-fd 3 --pass-fd 4 $(MAKE) -s -f sub ::: x\n' >Makefile
  printf 'x:\n\t@echo made\n' >sub
  expect_status 0 make -s -j 2
  expect_stderr_matches '1 ok$'
  expect_stdout made
fi

expect_status 64 gentlify --pass-fd 8 touch ::: ran
expect_stderr_matches '^gentlify: --pass-fd 8: no descriptor 8 was given to gentlify$'
expect_status 64 gentlify --pass-fd 1 touch ::: ran
expect_status 64 gentlify --pass-fd x touch ::: ran
expect_status 64 gentlify --report --pass-fd 7 touch ::: ran 7>log
[[ ! -e ran ]] || fail "a job ran"
