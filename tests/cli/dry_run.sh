#!/usr/bin/env bash
# --dry-run shows the command lines, which a shell reads back byte for byte, and runs none.
. "$(dirname "$0")/../lib.sh"

expect_status 0 gentlify --dry-run touch ran-{#} {/.} ::: 'a b' "it's" '$(touch ran)' x/y.txt ''
expect_stdout "touch ran-1 'a b'" "touch ran-2 'it'\''s'" "touch ran-3 '\$(touch ran)'" 'touch ran-4 y' "touch ran-5 ''"
[[ -z $(ls) ]] || fail "something ran: $(ls)"

printf '%s\n' 'echo a  b' 'exit 3 # no' | expect_status 0 gentlify --dry-run
expect_stdout 'echo a  b' 'exit 3 # no'

# Whatever the bytes, what sh makes of a line is the job's own argv.
printf 'new\nline\0tab\there\0\377\\n\0-n\0*\0~\0"$HOME"\0' >items
expect_status 0 gentlify --dry-run -0 -a items printf '<%s>'
sh "$out" >have
xargs -0 -n 1 printf '<%s>' <items >want
cmp have want || fail "a shell reads something else"

# From a pipe that has not ended, each line as it comes.
make_gate
{ echo first; read -r _ <go; echo second; } | gentlify --dry-run echo >"$out" &
wait_for grep -qx 'echo first' "$out"
echo >&9
wait $!
expect_stdout 'echo first' 'echo second'

# What can never be run is told of.
{ echo a; head -c 140000 /dev/zero | tr '\0' x; echo; echo b; } >items
expect_status 1 gentlify --dry-run -a items echo
expect_stdout 'echo a' 'echo b'
expect_stderr_matches '^gentlify: job 2 cannot be run: an argument of 140000 bytes'

# Many, and readers of all kinds.
seq 200000 >items
expect_status 0 gentlify --dry-run -a items echo
sed 's/^/echo /' items | cmp - "$out" || fail "not every line is there"
status=0
gentlify --dry-run -a items echo | head -n 1 >"$out" || status=${PIPESTATUS[0]}
expect_stdout 'echo 1'
expect_status 74 sh -c 'exec gentlify --dry-run echo ::: 1 >/dev/full'
