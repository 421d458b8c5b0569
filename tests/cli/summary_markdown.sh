#!/usr/bin/env bash
# --summary-md adds a section of Markdown to a file; in a GitHub workflow the step's summary gets it.
. "$(dirname "$0")/../lib.sh"

cat >job <<'END'
[ "$1" = good ] || { printf '|</b>[x](http://y.z) `a` @who\033[31m\n' >&2; exit 3; }
END
echo before >end.md
expect_status 1 gentlify -q -j 1 --retries 0 --summary-md end.md --label team=data sh job ::: good '<i>|' $'a\nb'
sed 's/ in [0-9.<m]*s,/ in T,/; /^| jobs a second/d; /^| waited for/d' end.md >"$out"
expect_stdout <<'END'
before

### gentlify: 3 jobs in T, 2 failed

| | |
|---|---|
| ok | 1 |
| failed | 2 |
| attempts | 3 |
| exit status | 1 |
| <code>team</code> | <code>data</code> |

| job | command | ended with | attempts | last line |
|---|---|---|---|---|
| 2 | <code>sh job &#39;&#60;i&#62;&#124;&#39;</code> | <code>exit 3</code> | 1 | <code>&#124;&#60;/b&#62;&#91;x&#93;&#40;http&#58;//y&#46;z&#41; &#96;a&#96; <!-- -->&#64;who&#92;x1B&#91;31m</code> |
| 3 | <code>sh job &#39;a&#92;nb&#39;</code> | <code>exit 3</code> | 1 | <code>&#124;&#60;/b&#62;&#91;x&#93;&#40;http&#58;//y&#46;z&#41; &#96;a&#96; <!-- -->&#64;who&#92;x1B&#91;31m</code> |
END

# Of many failed jobs twenty are shown.
expect_status 1 gentlify -q --retries 0 --circuit-breaker-consecutive-failures 0 --summary-md many.md false ::: {1..30}
(($(grep -c '^| [0-9]* | <code>false [0-9]*</code> | ' many.md) == 20)) || fail "not twenty: $(<many.md)"
[[ $(tail -n 1 many.md) == '10 more failed.' ]] || fail "$(<many.md)"

# The step's summary gets it where nothing else is said, and jobs may write there themselves.
export GITHUB_STEP_SUMMARY=$PWD/step.md
expect_status 0 gentlify sh -c 'echo "from a job" >>"$GITHUB_STEP_SUMMARY"' sh ::: 1
[[ $(head -n 1 step.md) == 'from a job' && $(sed -n 3p step.md) == '### gentlify: 1 job in '* ]] || fail "$(<step.md)"
expect_status 0 gentlify --summary-md other.md true ::: 1
(($(grep -c '^###' step.md) == 1 && $(grep -c '^###' other.md) == 1)) || fail "not in the other file alone"

# Nobody has asked for that one: that it cannot be written is only told.
export GITHUB_STEP_SUMMARY=nowhere/step.md
expect_status 0 gentlify true ::: 1
expect_stderr_matches '^gentlify: GITHUB_STEP_SUMMARY nowhere/step.md: No such file or directory'
export GITHUB_STEP_SUMMARY=/dev/full
expect_status 0 gentlify true ::: 1
expect_stderr_matches '^gentlify: GITHUB_STEP_SUMMARY /dev/full cannot be written \(No space left on device\)'
expect_status 0 gentlify -q true ::: 1
[[ ! -s $err ]] || fail "--quiet said something"
expect_status 73 gentlify --summary-md nowhere/end.md touch ::: ran_all_the_same
[[ ! -e ran_all_the_same ]] || fail "a job ran"
expect_status 74 gentlify --summary-md /dev/full true ::: 1
expect_stderr_matches '^gentlify: --summary-md /dev/full cannot be written'
