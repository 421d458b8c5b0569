#!/usr/bin/env bash
# A fleet that cannot be reached, or does not let us in.
. "$(dirname "$0")/../fleet_lib.sh"
start_server --requirepass secret

echo >list
expect_status 77 gentlify --fleet "redis://:wrong@127.0.0.1:$port/f" --journal j true ::: 1
! grep -q wrong "$err" || fail "the password is shown"
expect_status 77 gentlify --fleet "$(url f)" true ::: 1
expect_stderr_matches '^gentlify: --fleet redis://127.0.0.1:[0-9]+/f: .*NOAUTH'
expect_status 0 gentlify --fleet "redis://:secret@127.0.0.1:$port/f" --fleet-ttl 1s --journal j true ::: 1
! grep -q secret "$err" j || fail "the password is shown"
expect_status 0 gentlify --fleet "redis://:secret@127.0.0.1:$port/f" --print-config
grep -q '^fleet = "redis://:\*\*\*@127' "$out" || fail "--print-config does not hide the password"
for wrong in redis://u:secret/x@h/f 'redis://u:secret#1@h/f' redis://u:secret:6379/f; do
  expect_status 64 gentlify --fleet "$wrong" true ::: 1
  expect_stderr_matches '^gentlify: fleet \(--fleet\): the address of a fleet must be '
  ! grep -q secret "$err" || fail "what may be the password is shown"
done

kill_server
expect_status 69 gentlify --fleet "redis://:secret@127.0.0.1:$port/f" --journal k true ::: 1
expect_stderr_matches '^gentlify: --fleet redis://:\*\*\*@127.0.0.1:[0-9]+/f: nobody answers: '
[[ ! -s k ]] || fail "there is a record of a run that never was"

# What cannot be meant.
expect_status 64 gentlify --fleet-strict true ::: 1
expect_stderr_matches 'fleet_strict = true .* needs a fleet: --fleet URL'
expect_status 78 gentlify --fleet "$(url f)" --fleet-strict --fleet-on-outage local:2,5/s true ::: 1
expect_status 78 gentlify --fleet "$(url f)" --fleet-strict --rate 5/s --rate-mode exact true ::: 1
expect_status 64 gentlify --fleet "$(url f)" --rate 5/s --rate-mode exact true ::: 1
expect_status 64 gentlify --fleet "$(url f)" --fleet-on-outage local:2 true ::: 1
expect_stderr_matches 'fleet_on_outage = local:2 .* must be wait, or local:N,RATE'
expect_status 64 gentlify --fleet http://x/f true ::: 1
