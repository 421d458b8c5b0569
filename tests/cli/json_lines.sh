#!/usr/bin/env bash
# --jsonl: each line says what its job is. A bad line fails alone.
. "$(dirname "$0")/../lib.sh"

cat >jobs <<'END'
{"argv":["printf","<%s>","a b",1.50,true,"$(id)"]}
{"shell":"echo \"$FOO $GENTLIFY_JOB $GENTLIFY_SEQ\"; cat; pwd","id":"job-x","env":{"FOO":"a=b"},"stdin":"in\n","cwd":"sub"}
END
mkdir sub
expect_status 0 gentlify -k --jsonl -a jobs
expect_stdout "<a b><1.50><true><\$(id)>a=b job-x 2" in "$PWD/sub"

# With COMMAND the members are for its placeholders.
echo '{"url":"http://x/y.z","n":{"a":[1, 2]},"nothing":null}' |
  expect_status 0 gentlify --jsonl printf '<%s>' '{url}' '{url/.}' '{n}' '{nothing}' '{print $1}'
[[ $(<"$out") == '<http://x/y.z><y><{"a":[1, 2]}><><{print $1}>' ]] || fail "members as arguments"
echo '{"any":1, "cost":2}' | expect_status 0 gentlify --jsonl echo
expect_stdout '{"any":1, "cost":2}'

# Each job may have a timeout and retries of its own.
cat >own <<'END'
{"shell":"echo x >>tries; exit 1","retries":3}
{"shell":"sleep 60","timeout":"50ms","retries":0}
END
expect_status 1 gentlify --retries 0 --retry-base-delay 0 --jsonl -a own
[[ $(wc -l <tries) == 4 ]] || fail "not four attempts: $(wc -l <tries)"
expect_stderr_matches 'job 2 .*: timeout after 50ms$'
printf '{"shell":"true","cost":%s}\n' 60 60 | expect_status 0 gentlify --jsonl --token-budget 100/0.3s
expect_stderr_matches 'waited for: .*budget'

# Bad lines are named, and the rest runs.
cat >bad <<'END'
{"shell":"echo one"}
{"shell":"echo x","tiemout":3}
{"shell":"echo x"
{"argv":[]}
["shell"]
{"shell":"echo x","cwd":"/nowhere"}
{"shell":"echo two"}
END
expect_status 1 gentlify -k --jsonl -a bad
expect_stdout one two
expect_stderr_matches '^gentlify: failed: job 2: line 2, column 19: "tiemout" is not known here, and nothing uses it \(--allow-unknown lets it be\)$'
expect_stderr_matches '^gentlify: failed: job 3: line 3: this is no JSON'
expect_stderr_matches '^gentlify: failed: job 5: line 5: it is not an object$'
expect_stderr_matches '^gentlify: failed: job 6 .*its directory /nowhere: No such file or directory$'
expect_status 0 gentlify --jsonl --allow-unknown <<<'{"shell":"echo x","tiemout":3}'
expect_stdout x
expect_status 64 gentlify --allow-unknown echo ::: 1
expect_status 1 gentlify --jsonl echo '{url}' <<<'{"shell":"x","url":1}'
expect_stderr_matches '"shell" says what to run, and so does COMMAND$'

# However deep it is nested, a line is only a bad line.
head -c 500000 /dev/zero | tr '\0' '[' >open
{ printf '{"v":'; cat open; tr '[' ']' <open; printf '}\n{"v":1}\n'; } >deep
expect_status 1 gentlify --jsonl -a deep echo {v}
expect_stdout 1
expect_stderr_matches 'line 1, column 2: it is nested too deeply$'

# What is shown as a command line is one.
expect_status 0 gentlify --dry-run --jsonl <<<'{"argv":["a b","c"]}'
expect_stdout "'a b' c"

# A program of a job's own is looked for from its own directory.
printf '#!/bin/sh\necho here\n' >sub/tool
chmod +x sub/tool
expect_status 0 gentlify --jsonl ./tool '{x}' <<<'{"cwd":"sub","x":1}'
expect_stdout here
expect_status 0 gentlify --jsonl <<<'{"cwd":"sub","argv":["./tool"]}'
expect_stdout here
