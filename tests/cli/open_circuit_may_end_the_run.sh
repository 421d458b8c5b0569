#!/usr/bin/env bash
# What an open circuit does to jobs: they wait, or fail at once, or the run ends.
. "$(dirname "$0")/../lib.sh"
circuit=(-j 1 --retries 0 --circuit-breaker-consecutive-failures 3 --circuit-breaker-open-duration 1h)
items=(1 2 3 4 5 6)

expect_status 1 gentlify "${circuit[@]}" --circuit-breaker-on-open fail \
  sh -c 'echo $1 >>started; exit 1' sh ::: "${items[@]}"
[[ $(xargs <started) == '1 2 3' ]] || fail "started: $(xargs <started)"
expect_stderr_matches '^gentlify: failed: job 4: .*: circuit open$'
expect_stderr_matches '^gentlify: 6 jobs .*: 0 ok, 6 failed'

rm started
expect_status 1 gentlify "${circuit[@]}" --circuit-breaker-on-open abort \
  sh -c 'echo $1 >>started; exit 1' sh ::: "${items[@]}"
[[ $(xargs <started) == '1 2 3' ]] || fail "started: $(xargs <started)"
expect_stderr_matches '^gentlify: halted with jobs left: the circuit opened$'
expect_stderr_matches ' 3 failed, 3 not started'

rm started
expect_status 75 gentlify "${circuit[@]}" --circuit-breaker-max-open 50ms \
  sh -c 'echo $1 >>started; exit 1' sh ::: "${items[@]}"
[[ $(xargs <started) == '1 2 3' ]] || fail "started: $(xargs <started)"
expect_stderr_matches '^gentlify: the circuit was open for .*: the service is away; try again later$'
expect_stderr_matches ' 3 failed, 3 not started'

# A service that comes back in time is no reason to end; probes that fail do not start the time anew.
expect_status 1 gentlify "${circuit[@]}" --circuit-breaker-open-duration 10ms --circuit-breaker-max-open 1h \
  sh -c 'test $1 -gt 3' sh ::: "${items[@]}"
expect_stderr_matches ' 3 ok, 3 failed'
expect_status 75 gentlify "${circuit[@]}" --circuit-breaker-open-duration 10ms --circuit-breaker-max-open 200ms \
  --overload-retries 100 sh -c 'exit 75' sh ::: "${items[@]}"
