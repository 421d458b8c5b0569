#!/usr/bin/env bash
# zsh completes flags, their values and files, and then the command as it would by itself.
. "$(dirname "$0")/../lib.sh"

command -v zsh >/dev/null || skip "there is no zsh"
mkdir functions
cp "$BUILD/_gentlify" functions
touch items.txt
printf '[preset.ours]\n[preset."$(touch ran)"]\n' >own.toml
mkdir folder

# zsh completes only at a prompt: one on a terminal of its own is typed to.
cat >drive.zsh <<'DRIVE'
zmodload zsh/zpty
setopt extended_glob
zpty shell zsh -f -i
seen=''
until_seen() {
  local part i
  for (( i = 0; i < 1000; i++ )); do
    while zpty -r -t shell part; do seen+=$part; done
    [[ ${seen//$'\e['[0-9;?]#[a-zA-Z]/} == *$1* ]] && return
    sleep 0.02
  done
  return 1
}
zpty -w shell "fpath=($PWD/functions \$fpath); autoload -U compinit; compinit -D -u; PS1=; echo rea''dy"
until_seen ready || { print -r -- "no prompt: $seen"; exit 1 }
while IFS='|' read -r line want; do
  seen=''
  zpty -n -w shell "$line"$'\t'
  until_seen "$want" || { print -r -- "'$line' does not become $want: ${(V)seen}"; exit 1 }
  zpty -n -w shell $'\x15'
done
DRIVE
expect_status 0 zsh -f drive.zsh <<'LINES'
gentlify --outp|--output=
gentlify --output in|--output inherit
gentlify -j 4 --color al|--color always
gentlify run -q --retry-sl|--retry-slot=
gentlify simulate -j 4 --mod|--model=
gentlify report --te|--text
gentlify report it|report items.txt
gentlify pus|gentlify push
gentlify push --en|--env-prefix
gentlify push --fleet redis://h/n -a it|-a items.txt
gentlify --fleet-on|--fleet-on-outage=
gentlify --fleet-jobs st|--fleet-jobs stream
gentlify ctl --fl|ctl --fleet
gentlify ctl --fleet redis://h/n sta|status
gentlify ctl --fleet redis://h/n set fl|set fleet_concurrency
gentlify ctl set ma|set max_concurrency
gentlify -a it|-a items.txt
gentlify echo ::: it|::: items.txt
gentlify -j 4 nohu|-j 4 nohup
gentlify -a items.txt -q env --unse|env --unset=
gentlify run env --unse|env --unset=
gentlify che|gentlify check
gentlify check ow|check own.toml
gentlify check own.toml --pres|--preset=
gentlify check -a it|-a items.txt
gentlify prese|gentlify presets
gentlify presets gi|presets github
gentlify presets --config own.toml ou|own.toml ours
gentlify --preset gi|--preset github
gentlify --config own.toml --preset ou|--preset ours
gentlify check own.toml --config=own.toml --preset=ou|--preset=ours
gentlify simulate --preset ope|--preset openai
gentlify simulate --controller ho|--controller hover
gentlify --resume=co|--resume=content
gentlify --output=inh|--output=inherit
gentlify --journal=it|--journal=items.txt
gentlify --results fo|--results folder/
gentlify --control it|--control items.txt
gentlify --fallback nohu|--fallback nohup
gentlify ctl dr|ctl drain
gentlify ctl --control it|--control items.txt
gentlify push --fleet redis://h/n ::: it|::: items.txt
gentlify push --end --flee|--fleet
LINES
[[ ! -e ran ]] || fail "the name of a preset was run"
