#!/usr/bin/env bash
# check says of a configuration file what a run with it would say, and runs nothing.
. "$(dirname "$0")/../lib.sh"

cat >good.toml <<'TOML'
max_concurrency = 4
retry.max_attempts = 2
[preset.ours]
rate = "10/s"
[preset.theirs]
rate = "20/s"
TOML
expect_status 0 gentlify check good.toml
expect_stdout 'good.toml is right: 2 settings, 2 presets'
: >empty.toml
expect_status 0 gentlify check empty.toml
expect_stdout 'empty.toml is right: 0 settings'
expect_status 0 gentlify check /dev/stdin <good.toml
expect_stdout '/dev/stdin is right: 2 settings, 2 presets'
cat good.toml | expect_status 0 gentlify check /dev/stdin
expect_stdout '/dev/stdin is right: 2 settings, 2 presets'
expect_status 0 gentlify check "${0%/*}/../../example.toml"

# agrees CODE REGEX [FLAG...]: a run with bad.toml, which stands on stdin, ends so, and check as well.
agrees() {
  local code=$1 regex=$2
  shift 2
  cat >bad.toml
  expect_status "$code" gentlify "$@" --config bad.toml touch ran ::: a
  expect_stderr_matches "$regex"
  cp "$err" said
  expect_status "$code" gentlify check "$@" bad.toml
  diff -u said "$err" || fail "check says something else than the run"
  [[ ! -s $out ]] || fail "check prints something as well"
}
agrees 78 '^gentlify: bad.toml:1:1: max_concurency: there is no such setting; did you mean' <<<'max_concurency = 4'
agrees 78 '^gentlify: bad.toml:2:19: max_concurrency = lots: must be ' <<<$'\nmax_concurrency = "lots"'
agrees 78 '^gentlify: bad.toml:1:' <<<'max_concurrency = '
agrees 78 '^gentlify: min_rate = 9 \(bad.toml:1:12\) must not be over max_rate = 5 ' <<<$'min_rate = 9\nmax_rate = 5'
agrees 78 '^gentlify: fleet_jobs = range \(bad.toml:1:14\) needs a fleet' <<<'fleet_jobs = "range"'
agrees 78 'no such preset' <<<'preset = "notoin"'
agrees 78 '^gentlify: min_concurrency = 8 \(bad.toml:1:19\) must not be over max_concurrency = 4 \(-j\)' -j 4 \
  <<<'min_concurrency = 8'
agrees 78 '^gentlify: bad.toml:2:8: rate = 3: must be ' <<<$'[preset.bad]\nrate = "3"'
GENTLIFY_MIN_RATE=9 agrees 78 'GENTLIFY_MIN_RATE' <<<'max_rate = 5'

# Presets are tried as if they were chosen.
agrees 78 '^gentlify: min_rate = 9 \(preset bad, bad.toml:2:12\) must not be over max_rate' --preset bad \
  <<<$'[preset.bad]\nmin_rate = 9\nmax_rate = 5'
expect_status 78 gentlify check bad.toml
expect_stderr_matches '^gentlify: min_rate = 9 \(preset bad, bad.toml:2:12\) must not be over max_rate'
[[ ! -e ran ]] || fail "a job ran"

# Flags go before the file and after it; a file that it builds on is one of them.
expect_status 0 gentlify check -j 9 good.toml --print-config
grep -qE '^max_concurrency = 9 +# -j$' "$out" || fail "not the settings in effect"
echo 'min_rate = 9' >base.toml && echo 'max_rate = 5' >top.toml
expect_status 0 gentlify check top.toml
expect_status 78 gentlify check --config base.toml top.toml

expect_status 78 gentlify check missing.toml
expect_status 64 gentlify check
expect_stderr_matches '^gentlify: check takes one configuration file: gentlify check CONFIG$'
expect_status 64 gentlify check good.toml empty.toml
expect_status 64 gentlify check good.toml ::: a
expect_status 64 gentlify check good.toml --prest ours
expect_stderr_matches 'no flag --prest; did you mean --preset\?'
expect_status 74 sh -c 'exec gentlify check good.toml >/dev/full'

expect_status 0 gentlify check --help
grep -q '^Usage: gentlify check' "$out" || fail "no help of its own"
expect_status 0 gentlify presets --help
grep -q '^Usage: gentlify presets' "$out" || fail "no help of its own"
for verb in run presets simulate ctl push report check; do
  "$GENTLIFY" "$verb" --help | awk 'length > 80' >long
  [[ ! -s long ]] || fail "the help of $verb is wider than 80 columns: $(<long)"
done
