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
  done
}
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

# Where descriptors are short fewer jobs run at once.
expect_status 0 sh -c 'ulimit -n 24; exec gentlify -j 20 --controller fixed --results short sh write ::: 1 2 3 4 5 6 7 8 9'
for job in 1 2 3 4 5 6 7 8 9; do [[ -s short/$job/stdout ]] || fail "no result of job $job"; done

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
