#!/usr/bin/env bash
# Without a command each line is a command line for sh -c, also one that begins with a dash.
. "$(dirname "$0")/../lib.sh"

expect_status 1 gentlify -j 1 --retries 0 <<'END'
echo $((6 * 7)) | tr 4 x
-n; echo after
test -n "$GENTLIFY_RUN" && echo has a run
exit 9
END
expect_stdout x2 after 'has a run'
expect_stderr_matches '^gentlify: failed: job 4 \(line 4\): exit 9: exit 9$'
