#!/usr/bin/env bash
# A job gets /dev/null as stdin, descriptors 0-2 only, a group of its own, clean signals.
. "$(dirname "$0")/../lib.sh"

exec 7<"$0" 8>extra
expect_status 0 gentlify sh -c 'ls /proc/self/fd | wc -l; readlink /proc/self/fd/0' sh ::: a
# ls has its own descriptor of the directory.
expect_stdout 4 /dev/null

expect_status 0 gentlify grep -E {} /proc/self/status ::: '^Sig(Blk|Ign)'
cut -f 2 "$out" | sort -u >masks
[[ $(<masks) == 0000000000000000 ]] || fail "signals are blocked or ignored"

# In its own group: the group's number is the job's own pid.
expect_status 0 gentlify sh -c 'read -r stat </proc/$$/stat; set -- ${stat##*) }; test $3 = $$' sh ::: a

soft=$(ulimit -Sn)
expect_status 0 gentlify sh -c 'ulimit -Sn' sh ::: a
expect_stdout "$soft"

# Whatever is ignored where we come from: jobs get the default, all but INT, QUIT and HUP.
expect_status 0 bash -c 'trap "" PIPE TERM CHLD; exec gentlify grep SigIgn ::: /proc/self/status'
[[ $(cut -f 2 "$out") == 0000000000000000 ]] || fail "the job ignores signals"
