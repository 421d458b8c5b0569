#!/usr/bin/env bash
# Keys on a terminal: ^C drains, ^C^C stops, ^\ kills, ^Z stops until fg.
. "$(dirname "$0")/../lib.sh"

make_gate
mkfifo keys
exec 8<>keys
cat >rc <<'END'
PS1='$ '
PROMPT_COMMAND='echo $? >>statuses'
ulimit -c unlimited
END
env --default-signal=INT,QUIT script -qefc 'bash --noprofile --rcfile rc -i' typescript <&8 >"$out" 2>&1 &
session=$!
trap 'kill -KILL "$session"' EXIT
prompts=0

# press KEYS: as printf has them.
press() { printf "$1" >&8; }
# expect_prompt STATUS: the shell asks for the next command; the last one ended so.
prompted() { [[ -s statuses ]] && (($(wc -l <statuses) > prompts)); }
expect_prompt() {
  wait_for prompted
  local status
  status=$(sed -n "$((prompts + 1))p" statuses)
  ((status == $1)) || fail "exit $status, expected $1"
}
is_shown() { grep -q "$1" typescript; }
is_stopped() { [[ $(sed 's/.*) //' "/proc/$1/stat") == T* ]]; }
runs() { is_alive "$1" && ! is_stopped "$1"; }
# run_jobs NAME: two jobs, of which one runs, at the gate.
run_jobs() {
  prompts=$(wc -l <statuses)
  press "gentlify -j 1 sh -c 'echo \$\$ >\$1; read x <go; echo \$1 is over' sh ::: $1 $1.next\n"
  wait_for test -s "$1"
}
expect_prompt 0

# The job that runs does not see the ^C, and ends in its own time.
run_jobs drained
press '\003'
wait_for is_shown 'draining: 1 running, 1 not started'
runs "$(<drained)" || fail "^C has reached the job"
echo >&9
expect_prompt 130
is_shown 'drained is over' || fail "the output of the job that ran is lost"
[[ ! -e drained.next ]] || fail "a job was started after ^C"

# Two within 250 ms would count once, and so the second one is pressed until it does.
run_jobs stopped
press '\003'
wait_for is_shown 'draining: 1 running, 1 not started; interrupt again'
is_stopping() { is_shown 'stopping 1 running job' || { press '\003' && false; }; }
wait_for is_stopping
expect_prompt 130
! is_alive "$(<stopped)" || fail "the job is alive after ^C^C"

run_jobs killed
press '\034'
expect_prompt 131
! is_alive "$(<killed)" || fail "the job is alive after ^\\"
! is_shown 'core dumped' || fail "it has dumped core"
[[ -z $(find . -name 'core*') ]] || fail "there is a core"

run_jobs suspended
press '\032'
expect_prompt 147
wait_for is_stopped "$(<suspended)"
prompts=$((prompts + 1))
press 'fg\n'
wait_for runs "$(<suspended)"
printf '\n\n' >&9
expect_prompt 0
is_shown 'suspended.next is over' || fail "it did not go on after fg"

press 'exit\n'
wait "$session"
trap - EXIT
