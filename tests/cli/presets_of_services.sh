#!/usr/bin/env bash
# Presets are listed, printed and used; files have their own.
. "$(dirname "$0")/../lib.sh"

expect_status 0 gentlify presets
[[ $(awk '{ print $1 }' "$out" | xargs) == 'airtable fieldguide github notion openai slack vanta zapier' ]] ||
  fail "these are the presets: $(awk '{ print $1 }' "$out" | xargs)"
expect_status 0 gentlify presets notion
grep -qx 'rate = "3/s"' "$out" || fail "no rate"

# What is printed can be put into a file and changed.
sed -e 's/preset.notion/preset.mine/' -e 's/^rate = .*/rate = "1000\/s"/' "$out" >own.toml
expect_status 0 gentlify presets --config own.toml
grep -q '^mine  *Notion API' "$out" || fail "the preset of the file is not listed"
expect_status 0 gentlify --config own.toml --preset mine --print-config
grep -qE '^rate = "1000/s" +# preset mine, own.toml:4:8$' "$out" || fail "not the rate of the file"
grep -qE '^max_concurrency = 16 ' "$out" || fail "not 16 at once"
GENTLIFY_PRESET=mine expect_status 0 gentlify -k --config own.toml --max-rate 1000 --min-rate 1000 echo ::: a b
expect_stdout a b

expect_status 64 gentlify --preset notoin true ::: a
expect_stderr_matches 'no such preset; did you mean notion\? The presets are airtable, '
expect_status 64 gentlify presets nothing
expect_status 64 gentlify presets notion slack
printf '[preset.bad]\nrate = "3"\n' >bad.toml
expect_status 78 gentlify --config bad.toml true ::: a
expect_stderr_matches '^gentlify: bad.toml:2:8: rate = 3: must be '

# A refused job of a service with a preset: its client says so, and gentlify knows the words.
expect_status 0 gentlify --preset github --max-rate 1000 --min-rate 1000 --retry-base-delay 1ms --cooldown-multiplier 0 \
  sh -c 'test $GENTLIFY_ATTEMPT = 2 || { echo "gh: API rate limit exceeded for user ID 1. (HTTP 403)" >&2; exit 1; }' sh ::: a
expect_stderr_matches 'overload on stderr'

# After -- or run it is a program.
printf '#!/bin/sh\necho a program\n' >presets && chmod +x presets
PATH=.:$PATH expect_status 0 gentlify run presets ::: a
expect_stdout 'a program'
