#!/usr/bin/env bash
# --summary writes how the run ended as JSON, whole or not at all.
. "$(dirname "$0")/../lib.sh"

# has TEXT...: the summary holds each of the texts.
has() {
  local text
  for text; do
    grep -qF -e "$text" "${file:-end.json}" || fail "no $text in: $(<"${file:-end.json}")"
  done
}

now=$(date +%s)
expect_status 1 gentlify -q -j 2 --retries 1 --retry-base-delay 0 --summary end.json --label run=7 --label 'note="x"' sh -c '
  case $1 in 2) echo "no such \"key\"" >&2; exit 3;; 3) [ $GENTLIFY_ATTEMPT = 2 ];; esac' sh ::: 1 2 3
! grep -q '^gentlify:' "$err" || fail "--quiet said something"
has '"labels":{"run":"7","note":"\"x\""}' \
  '"jobs":{"ok":2,"failed":1,"unfinished":0,"not_started":0,"more_may_follow":false,"by_fallback":0}' \
  '"attempts":5,"repeated":2' '"halted":null,"exit":1,"signal":null,"error":null' '"waited":{"slots":' \
  '"failures":[{"seq":2,"line":null,"command":"sh -c ' '"reason":"exit 3","attempts":2,"last_line":"no such \"key\""}]'
started=$(grep -o '"started":[0-9]*' end.json)
((${started#*:} >= now - 1 && ${started#*:} <= now + 60)) || fail "the start is not of this run: $started"
[[ $(wc -l <end.json) == 1 ]] || fail "not one line"

# What was there stays until the run ends, for who holds it open as well; a link stays a link.
umask 027
echo old >real.json
ln -s real.json link.json
exec 8<real.json
make_gate
start gentlify -j 1 --summary link.json sh -c 'echo >ran; read x <go' sh ::: 1 2 3
wait_for test -s ran
[[ $(<real.json) == old ]] || fail "gone before the end"
kill -TERM "$pid"
wait_for grep -q draining "$err"
echo >&9
expect_end 143
file=real.json
has '"ok":1,"failed":0,"unfinished":0,"not_started":2' '"exit":143,"signal":15'
[[ -L link.json && $(cat <&8) == old ]] || fail "written over what was there"
[[ $(stat -c %a real.json) == 640 ]] || fail "mode $(stat -c %a real.json)"
compgen -G '*.json.*' >"$out" && fail "a draft is left"

# A pipe and a descriptor are written into.
mkfifo pipe
cat pipe >from_pipe &
expect_status 0 gentlify --summary pipe true ::: 1
wait $!
file=from_pipe
has '"jobs":{"ok":1,'
expect_status 1 gentlify --halt soon,fail=1 -j 1 --retries 0 --summary /dev/stderr false ::: 1 2
file=$err
has '"halted":"1 job failed"' 'gentlify: 2 jobs in'

# Where it cannot be written: before the first job if that can be known, else at the end.
file=$err
expect_status 73 gentlify --summary nowhere/end.json touch ::: ran_all_the_same
has 'gentlify: --summary nowhere/end.json: No such file or directory'
expect_status 73 gentlify --summary "$PWD" touch ::: ran_all_the_same
has ': Is a directory'
[[ ! -e ran_all_the_same ]] || fail "a job ran"
expect_status 64 gentlify --summary '' true ::: 1
expect_status 74 gentlify --summary /dev/full true ::: 1
has 'gentlify: --summary /dev/full cannot be written (No space left on device)' '1 ok'
mkdir gone
expect_status 74 gentlify --summary gone/end.json rm -r ::: gone
has 'gentlify: --summary gone/end.json cannot be written (No such file or directory)'

# A command that cannot be run costs no summary that is there.
echo kept >end.json
expect_status 127 gentlify --summary end.json no-such-program ::: 1
[[ $(<end.json) == kept ]] || fail "the summary was replaced"
