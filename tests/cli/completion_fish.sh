#!/usr/bin/env bash
# fish completes flags, their values and files, and then the command as it would by itself.
. "$(dirname "$0")/../lib.sh"

command -v fish >/dev/null || skip "there is no fish"
touch items.txt
printf '[preset.ours]\n[preset."$(touch ran)"]\n' >own.toml
mkdir folder

# completes WANT LINE: WANT is offered at the end of LINE.
completes() {
  expect_status 0 fish -c 'source $argv[1]; complete -C $argv[2]' \
    "$BUILD/gentlify.fish" "$2"
  cut -f1 "$out" | grep -qxF -e "$1" || fail "'$2' does not offer $1"
}

# refuses WORD LINE: it is not offered.
refuses() {
  (completes "$@") >/dev/null && fail "'$2' offers $1"
  return 0
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
completes --version 'gentlify run env --vers'
completes check 'gentlify che'
completes own.toml 'gentlify check ow'
completes --preset 'gentlify check own.toml --pres'
completes items.txt 'gentlify check -a it'
completes presets 'gentlify pre'
completes github 'gentlify presets gi'
completes ours 'gentlify presets --config own.toml ou'
completes github 'gentlify --preset gi'
completes ours 'gentlify --config own.toml --preset ou'
completes --preset=ours 'gentlify check own.toml --config=own.toml --preset=ou'
completes openai 'gentlify simulate --preset ope'
completes hover 'gentlify simulate --controller ho'
completes --resume=content 'gentlify --resume=co'
completes --output=inherit 'gentlify --output=inh'
completes --journal=items.txt 'gentlify --journal=it'
completes folder/ 'gentlify --results fo'
completes items.txt 'gentlify --control it'
completes env 'gentlify --fallback en'
completes drain 'gentlify ctl dr'
completes items.txt 'gentlify ctl --control it'
completes items.txt 'gentlify push --fleet redis://h/n ::: it'
refuses env 'gentlify push --fleet redis://h/n en'
refuses env 'gentlify simulate en'
refuses --jobs 'gentlify report --jo'
refuses items.txt 'gentlify presets it'
[[ ! -e ran ]] || fail "the name of a preset was run"
