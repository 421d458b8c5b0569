#!/usr/bin/env bash
# fish completes flags, their values and files, and then the command as it would by itself.
. "$(dirname "$0")/../lib.sh"

command -v fish >/dev/null || skip "there is no fish"
touch items.txt

# completes WANT LINE: WANT is offered at the end of LINE.
completes() {
  expect_status 0 fish -c 'source $argv[1]; complete -C $argv[2]' \
    "$BUILD/gentlify.fish" "$2"
  cut -f1 "$out" | grep -qxF -e "$1" || fail "'$2' does not offer $1"
}

completes --output 'gentlify --ou'
completes --retry-slot 'gentlify run -q --retry'
completes inherit 'gentlify --output '
completes --model 'gentlify simulate -j 4 --mo'
completes --text 'gentlify report --te'
completes items.txt 'gentlify report it'
completes push 'gentlify pu'
completes --end 'gentlify push --en'
completes items.txt 'gentlify push --fleet redis://h/n -a it'
completes --fleet-on-outage 'gentlify --fleet-on'
completes stream 'gentlify --fleet redis://h/n --fleet-jobs '
completes --fleet 'gentlify ctl --fl'
completes status 'gentlify ctl --fleet redis://h/n sta'
completes fleet_concurrency 'gentlify ctl --fleet redis://h/n set fl'
completes max_concurrency 'gentlify ctl set ma'
completes always 'gentlify -j 4 --color al'
completes items.txt 'gentlify -a it'
completes items.txt 'gentlify echo ::: it'
completes env 'gentlify -j 4 en'
completes --version 'gentlify -a items.txt -q env --vers'
completes --version 'gentlify -- env --vers'
