#!/usr/bin/env bash
# --resume: the attempts that a job has used stay used, whatever ended the run in between.
. "$(dirname "$0")/../lib.sh"
make_gate
attempts() { [[ -e tries && $(paste -sd ' ' tries) == "$1" ]]; }
ended() { grep -qs "\"t\":\"end\",\"seq\":1,\"try\":$1," "$2"; }

# A job that waits for its retry as the run drains.
for flags in '--retries 2' '--retries 0 --overload-retries 2'; do
  rm -f tries run
  exit=1
  [[ $flags == '--retries 2' ]] || exit=75
  # shellcheck disable=SC2206
  run=(--controller fixed $flags --retry-base-delay 1m --journal run sh -c "echo \$GENTLIFY_ATTEMPT >>tries; exit $exit" sh ::: a)
  for try in 1 2; do
    start gentlify --resume "${run[@]}"
    wait_for ended "$try" run
    kill -TERM "$pid"
    expect_end 143
  done
  expect_status 1 gentlify --resume "${run[@]}"
  attempts '1 2 3' || fail "$flags: $(<tries)"
  expect_status 1 gentlify --resume "${run[@]}"
  attempts '1 2 3' || fail "it had failed for good: $(<tries)"
done

# An attempt that was cut short has no end, and is made once more.
rm tries
run=(--controller fixed --retries 2 --retry-base-delay 1ms --journal killed sh -c '
  echo $GENTLIFY_ATTEMPT >>tries; [ $GENTLIFY_ATTEMPT != 3 ] || read x <go; exit 1' sh ::: a)
start gentlify "${run[@]}"
wait_for attempts '1 2 3'
kill_run
echo >&9
expect_status 1 gentlify --resume "${run[@]}"
attempts '1 2 3 3' || fail "attempts of a job that was killed in its third: $(<tries)"

# What failed for good begins anew, if it is asked for.
printf '\n\n' >&9
expect_status 1 gentlify --resume-failed "${run[@]}"
attempts '1 2 3 3 1 2 3' || fail "attempts of a job that is to run again: $(<tries)"
