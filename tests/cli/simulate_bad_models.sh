#!/usr/bin/env bash
# A model that is wrong is told with its place, the value and what is allowed.
. "$(dirname "$0")/../lib.sh"

# refused REGEX LINE...: a model of these lines is refused so.
refused() {
  local regex=$1
  shift
  printf '%s\n' "$@" >m.toml
  expect_status 78 gentlify simulate --model m.toml
  expect_stderr_matches "^gentlify: m\.toml:$regex"
  [[ ! -s $out ]] || fail "stdout is not empty"
}

refused '2:1: jobs\.durations: there is no such key; did you mean duration\?$' '[jobs]' 'durations = "1s"'
refused '1:1: limits: there is no such key; did you mean limit\?$' 'limits = 3'
refused '2:10: jobs\.broken = 1\.5: must be a number from 0 to 1$' '[jobs]' 'broken = 1.5'
refused '2:9: jobs\.noise = 9007199254740993: must be a number from 0 to 0\.9$' '[jobs]' \
  'noise = 9007199254740993'
refused '2:12: jobs\.duration = soon: must be a time from 1us to 365d$' '[jobs]' 'duration = "soon"'
refused '1:8: jobs = 3: must be a table, written \[jobs\]$' 'jobs = 3'
refused '1:9: limit = 3: must be a table, written \[\[limit\]\]$' 'limit = 3'
refused '2:8: limit\.kind = bukket: must be one of bucket, fixed-window, sliding-window, cap$' \
  '[[limit]]' 'kind = "bukket"'
refused '1:1: limit: kind is missing$' '[[limit]]'
refused '1:1: limit: rate is missing$' '[[limit]]' 'kind = "bucket"'
refused '3:8: limit\.rate = none: must be a rate such as 20/s$' '[[limit]]' 'kind = "bucket"' 'rate = "none"'
refused '4:1: limit\.quota: there is no such key' '[[limit]]' 'kind = "bucket"' 'rate = "1/s"' 'quota = "1/s"'
refused '3:7: limit\.cap = 0: must be an integer from 1 to 1000000$' '[[limit]]' 'kind = "cap"' 'cap = 0'
refused '3:9: limit\.cap = 5s: must be a time: 0 in the first pair' \
  '[[limit]]' 'kind = "cap"' 'cap = [["5s", 3]]'
refused '3:20: limit\.cap = 9s: must be a time: .* before `repeat`$' \
  '[[limit]]' 'kind = "cap"' 'cap = [["0s", 3], ["9s", 4]]' 'repeat = "9s"'
refused '3:8: limit\.cap = 3: must be a pair \[time, value\]$' '[[limit]]' 'kind = "cap"' 'cap = [3]'
refused '1:1: outage: an outage that hangs needs jobs\.timeout' '[[outage]]' 'to = "9s"' 'hangs = true'
refused '3:6: outage\.to = 3s: must be a time from 9s to 365d$' '[[outage]]' 'from = "9s"' 'to = "3s"'
refused '1:1: server: servers is missing$' '[server]' 'kind = "queue"'
refused '2:10: refusals\.signal = shout: must be one of failure, overload, retry-after$' \
  '[refusals]' 'signal = "shout"'
refused '1:4: .*expected' 'x ='
refused '1: brackets are nested too deeply$' 'x = [[[[[[[[[[]]]]]]]]]]'

expect_status 78 gentlify simulate --model no-such.toml
expect_stderr_matches '^gentlify: cannot read the model no-such.toml: No such file or directory$'
expect_status 64 gentlify simulate
expect_stderr_matches '^gentlify: simulate needs a service to simulate: --model FILE$'
: >m.toml
expect_status 64 gentlify simulate --model m.toml echo ::: a
expect_stderr_matches '^gentlify: simulate runs no command and takes no items$'
expect_status 64 gentlify simulate --model m.toml --runs 0
expect_stderr_matches '^gentlify: --runs 0: must be from 1 to 1000000$'
expect_status 64 gentlify --model m.toml true ::: a
expect_stderr_matches '^gentlify: there is no flag --model'
expect_status 73 gentlify simulate --model m.toml --trace no/such/dir.csv
expect_stderr_matches '^gentlify: cannot write the trace no/such/dir.csv: No such file or directory$'
expect_status 73 gentlify simulate --model m.toml --trace /dev/full
expect_status 74 bash -c 'gentlify simulate --model m.toml >/dev/full'
