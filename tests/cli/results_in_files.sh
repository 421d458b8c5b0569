#!/usr/bin/env bash
# --results keeps what each job writes in files of its own, beside what is shown.
. "$(dirname "$0")/../lib.sh"

# expect_files DIR: what the jobs `write 1` to `write 3` write, and nothing else, is there.
expect_files() {
  local job
  [[ $(ls "$1" | tr '\n' ' ') == '1 2 3 ' ]] || fail "$1 holds $(ls "$1")"
  for job in 1 2 3; do
    seq $((job * 10000)) | cmp - "$1/$job/stdout" || fail "stdout of job $job"
    [[ $(<"$1/$job/stderr") == "err $job" ]] || fail "stderr of job $job"
    expect_meta "$1/$job" "\"seq\":$job,\"command\":\"sh write $job\",\"outcome\":\"success\",\"exit\":0,\"reason\":\"exit 0\",\"attempts\":1"
    [[ $(ls "$1/$job" | tr '\n' ' ') == 'meta.json stderr stdout ' ]] || fail "$1/$job holds $(ls "$1/$job")"
  done
}
# expect_meta DIR MEMBERS: its meta.json holds these, and then times of this run.
expect_meta() {
  local start
  [[ $(wc -l <"$1/meta.json") == 1 && $(<"$1/meta.json") =~ ^"{$2,"\"start\":([0-9]+)\.[0-9]{3},\"duration\":[0-9]{1,2}\.[0-9]{3}}$ ]] ||
    fail "$1/meta.json is not $2: $(<"$1/meta.json")"
  start=${BASH_REMATCH[1]}
  ((start >= test_start - 1 && start <= $(date +%s))) || fail "$1: not a start of this run: $start"
}
test_start=$(date +%s)
cat >write <<'E2'
seq $(($1 * 10000))
echo "err $1" >&2
E2

expect_status 0 gentlify -k --results all sh write ::: 1 2 3
expect_files all
(seq 10000; seq 20000; seq 30000) | cmp - "$out" || fail "stdout is not as it comes without --results"
expect_status 0 gentlify --output discard --results quiet sh write ::: 1 2 3
expect_files quiet
expect_stdout </dev/null
expect_status 0 gentlify --output line --tag --results lines sh write ::: 1 2 3
expect_files lines

# A job that writes nothing has its files, too. Those of a job that ran again hold its last attempt.
expect_status 0 gentlify --results none true ::: a
[[ -e none/1/stdout && -e none/1/stderr ]] || fail "no files for a silent job"
twice='echo try $GENTLIFY_ATTEMPT; [ $GENTLIFY_ATTEMPT = 2 ]'
expect_status 0 gentlify --retry-base-delay 0 --results last sh -c "$twice" sh ::: a
[[ $(<last/1/stdout) == 'try 2' ]] || fail "not the last attempt: $(<last/1/stdout)"
expect_status 0 gentlify --retry-base-delay 0 --all-attempts --results each sh -c "$twice" sh ::: a
[[ $(<each/1/stdout) == $'try 1\ntry 2' ]] || fail "not all attempts: $(<each/1/stdout)"

late='[ $GENTLIFY_ATTEMPT = 2 ] || { (trap "" TERM; until [ -e again ]; do sleep 0.01; done; echo late) & exit 1; }
  : >again; echo ok; sleep 0.2'
expect_status 0 gentlify --retry-base-delay 0 --results late sh -c "$late" sh ::: a
[[ $(<late/1/stdout) == ok ]] || fail "not only the last attempt: $(<late/1/stdout)"

# How jobs ended, by what their last attempt was.
printf '%s\n' 'exit 3' 'kill -9 $$' 'exit 77' '[ $GENTLIFY_ATTEMPT = 2 ] || exit 75' $': "\\\t\xff"' >items
expect_status 1 gentlify --retries 1 --retry-base-delay 0 --results ends -a items
expect_meta ends/1 '"seq":1,"line":1,"command":"exit 3","outcome":"failure","exit":3,"reason":"exit 3","attempts":2'
expect_meta ends/2 '"seq":2,"line":2,"command":"kill -9 $$","outcome":"failure","signal":9,"reason":"killed by SIGKILL","attempts":2'
expect_meta ends/3 '"seq":3,"line":3,"command":"exit 77","outcome":"permanent","exit":77,"reason":"exit 77","attempts":1'
expect_meta ends/4 '"seq":4,"line":4,"command":"[ $GENTLIFY_ATTEMPT = 2 ] || exit 75","outcome":"success","exit":0,"reason":"exit 0","attempts":2'
expect_meta ends/5 $'"seq":5,"line":5,"command":": \\"\\\\\\t\xef\xbf\xbd\\"","outcome":"success","exit":0,"reason":"exit 0","attempts":1'
expect_status 1 gentlify --results programs {} ::: ./nowhere
expect_meta programs/1 '"seq":1,"command":"./nowhere","outcome":"permanent","reason":"cannot run it: No such file or directory","attempts":1'

# Also of those that the end of the run stopped, or kept from their retry; not of what never ran.
cat >ending <<'E2'
case $1 in 1) exit 3;; 2) exec sleep 1h;; 3) : >third; exec sleep 1h;; esac
E2
start gentlify -j 2 --controller fixed --retry-base-delay 1h --retry-max-delay 1h --results ended sh ending ::: 1 2 3 4
wait_for test -e third
[[ ! -e ended/1/meta.json && ! -e ended/2/meta.json ]] || fail "neither has ended"
kill -TERM "$pid"
wait_for test -e ended/1/meta.json
sleep 0.3 # or else it is the same signal, doubled
kill -TERM "$pid"
expect_end 143
expect_meta ended/1 '"seq":1,"command":"sh ending 1","outcome":"dropped","exit":3,"reason":"exit 3","attempts":1'
expect_meta ended/2 '"seq":2,"command":"sh ending 2","outcome":"stopped","signal":15,"reason":"killed by SIGTERM","attempts":1'
[[ $(ls ended | tr '\n' ' ') == '1 2 3 ' ]] || fail "ended holds $(ls ended)"

# It comes once nothing more is written into the others.
start gentlify --leftover keep --results whole sh -c '(sleep 0.5; echo late) & echo early' sh ::: 1
wait_for test -e whole/1/meta.json
[[ $(<whole/1/stdout) == $'early\nlate' ]] || fail "meta.json came before the end of stdout"
expect_end 0

# What is there is not touched, and what cannot be written is known before the first job.
expect_status 73 gentlify --results all touch ::: ran
expect_stderr_matches '^gentlify: --results all: there is something in it already; name another'
: >file
expect_status 73 gentlify --results file touch ::: ran
expect_stderr_matches '^gentlify: --results file: Not a directory'
expect_status 73 gentlify --results nowhere/at/all touch ::: ran
expect_stderr_matches '^gentlify: --results nowhere/at/all: No such file or directory'
[[ ! -e ran ]] || fail "a job ran"
expect_status 64 gentlify --results '' touch ::: ran
expect_stderr_matches '^gentlify: --results: the name of a directory must not be empty'
expect_status 64 gentlify -u --results new echo ::: a
expect_stderr_matches '^gentlify: results = "?new"? \(--results\) keeps .* output = inherit \(-u\)'

# A limit for the size of files ends the run, and not by a signal.
expect_status 74 sh -c 'ulimit -f 100; exec gentlify --retries 0 --output discard --results sized head -c 400000 ::: /dev/zero /dev/zero'
expect_stderr_matches '^gentlify: --results sized: File too large: nothing more was started'

# A job cannot send what we write elsewhere.
expect_status 74 gentlify -j 1 --results linked sh -c 'ln -s ../../write linked/$GENTLIFY_SEQ/meta.json' ::: 1 2
expect_stderr_matches '^gentlify: --results linked: File exists: nothing more was started'
[[ $(head -n 1 write) == seq* && ! -e linked/2 ]] || fail "the link was followed, or job 2 ran"

# Where descriptors are short fewer jobs run at once.
expect_status 0 sh -c 'ulimit -n 24; exec gentlify -j 20 --controller fixed --results short sh write ::: 1 2 3 4 5 6 7 8 9'
for job in 1 2 3 4 5 6 7 8 9; do [[ -s short/$job/stdout && -s short/$job/meta.json ]] || fail "no result of job $job"; done

# A full disk ends the run, and what was shown is whole.
mkdir full
if ! unshare --user --map-root-user --mount true 2>/dev/null; then
  skip "a full disk was not tried: no mount namespaces here"
fi
expect_status 74 unshare --user --map-root-user --mount sh -c '
  mount -t tmpfs -o size=64k none full
  exec gentlify -k -j 1 --results full seq 1 ::: 100 200 100000 4 5'
(seq 100; seq 200; seq 100000) | cmp - "$out" || fail "what is shown is not whole"
expect_stderr_matches '^gentlify: --results full: No space left on device: nothing more was started'
expect_stderr_matches '2 not started'
