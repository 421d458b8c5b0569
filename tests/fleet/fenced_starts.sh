#!/usr/bin/env bash
# A host that was fenced starts nothing that others have been given and finished meanwhile.
. "$(dirname "$0")/../fleet_lib.sh"
start_server
make_gate

lines() { cat "$1" 2>/dev/null | wc -l; }
has() { (($(lines "$1") >= $2)); }

# fence HOW: jobs of the first host wait, one runs, others are its and do not; the second runs them.
fence() {
  local fleet=(--fleet "$(url "$1")" --fleet-jobs "$1" --fleet-ttl 1s --controller fixed -j 1
    "${@:2}")
  rm -f started done
  start_host a gentlify "${fleet[@]}" sh -c 'echo $0 >>started; read x <go' {}
  local a=$host
  wait_for has started 1
  local worker
  worker=$(cat "/proc/$a/task/$a/children")
  kill -STOP "$a" $worker
  start_host b gentlify "${fleet[@]}" sh -c 'echo $0 >>done' {}
  expect_host_end "$host" 0
  kill -CONT $worker "$a"
  echo >&9
  expect_host_end "$a" 0
  sort -n done | cmp - list || fail "not all that was left was run once"
  has started 2 && fail "the host that was fenced has started what was done"
  expect_said a '^gentlify: 1 job in .*: 1 ok$'
}

seq 6 >list
fence range -a list
gentlify push --fleet "$(url stream)" --end -a list
fence stream
