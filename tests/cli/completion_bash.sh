#!/usr/bin/env bash
# bash completes flags, their values and files, and then the command as it would by itself.
. "$(dirname "$0")/../lib.sh"

library=/usr/share/bash-completion/bash_completion
[[ -r $library ]] || skip "there is no bash-completion"
touch items.txt
printf '[preset.ours]\n[preset."$(touch ran)"]\n' >own.toml
mkdir folder

# completes WANT WORD...: WANT is offered where the cursor stands at the end of the last WORD.
completes() {
  local want=$1 offered
  shift
  # shellcheck disable=SC2016
  offered=$(bash -c '
    . "$1"; . "$2"; shift 2
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMPREPLY=()
    COMP_POINT=${#COMP_LINE}
    _gentlify
    printf "%s\n" "${COMPREPLY[@]}"' bash "$library" "$BUILD/gentlify.bash" "$@" 2>"$err")
  grep -qE -e "^$want ?\$" <<<"$offered" || fail "'$*' offers not $want but: ${offered:0:200}"
}

# refuses WORD WORD...: the first of them is not offered.
refuses() {
  (completes "$@") >/dev/null && fail "'${*:2}' offers $1"
  return 0
}

completes --output gentlify --ou
completes --retry-slot gentlify run -q --retry
completes inherit gentlify --output ''
completes --model gentlify simulate --mo
completes items.txt gentlify simulate --model it
completes --text gentlify report --te
completes items.txt gentlify report it
completes items.txt gentlify report -o it
completes push gentlify pu
completes --end gentlify push --en
completes items.txt gentlify push --fleet redis://h/n -a it
completes --fleet-on-outage gentlify --fleet-on
completes stream gentlify --fleet redis://h/n --fleet-jobs ''
completes --fleet gentlify ctl --fl
completes status gentlify ctl --fleet redis://h/n sta
completes fleet_concurrency gentlify ctl --fleet redis://h/n set fl
completes max_concurrency gentlify ctl set ma
completes always gentlify -j 4 --color al
completes items.txt gentlify -a it
completes items.txt gentlify echo ::: it
completes env gentlify -j 4 en
completes --version gentlify -a items.txt -q env --vers
completes --version gentlify -- env --vers
completes --version gentlify run env --vers
completes check gentlify che
completes own.toml gentlify check ow
completes --preset gentlify check own.toml --pres
completes items.txt gentlify check -a it
completes presets gentlify pre
completes github gentlify presets gi
completes ours gentlify presets --config own.toml ou
completes github gentlify --preset gi
completes ours gentlify --config own.toml --preset ou
completes ours gentlify check own.toml --config=own.toml --preset=ou
completes openai gentlify simulate --preset ope
completes hover gentlify simulate --controller ho
completes content gentlify --resume=co
completes inherit gentlify --output=inh
completes items.txt gentlify --journal=it
completes folder gentlify --results fo
completes items.txt gentlify --control it
completes env gentlify --fallback en
completes drain gentlify ctl dr
completes items.txt gentlify ctl --control it
completes items.txt gentlify push --fleet redis://h/n ::: it
completes --end gentlify push ''
refuses env gentlify push --fleet redis://h/n en
refuses env gentlify simulate en
refuses --jobs gentlify report --jo
refuses items.txt gentlify presets it
[[ ! -e ran ]] || fail "the name of a preset was run"
