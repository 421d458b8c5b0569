#!/usr/bin/env bash
# A service that takes five at once and refuses the rest (exit 75): few refusals, no job lost.
. "$(dirname "$0")/../lib.sh"

# The service: five files; who holds the lock of one is being served.
cat >call <<'END'
#!/bin/sh
for place in 1 2 3 4 5; do
  flock -n place.$place sh -c "sleep 0.03; echo $1 >>served" && exit 0
done
echo $1 >>refused
exit 75
END
chmod +x call
: >refused
expect_status 0 gentlify -j 64 --retry-base-delay 100ms ./call < <(seq 400)
(($(sort -u served | wc -l) == 400)) || fail "$(sort -u served | wc -l) of 400 jobs were served"
(($(wc -l <refused) <= 40)) || fail "$(wc -l <refused) refusals"
expect_stderr_matches '^gentlify: slowing down: limit '
expect_stderr_matches ': 400 ok'

# Refusals that go on are told once in a while: a log is to be read.
expect_status 0 gentlify -j 8 --summary run.json --retry-base-delay 10ms sh -c '
  [ $GENTLIFY_ATTEMPT -gt 1 ] || [ $(($1 % 3)) != 0 ] || exit 75' sh < <(seq 200)
read -r cuts seconds < <(/usr/bin/python3 -c '
import json; run = json.load(open("run.json")); print(run["cuts"], int(run["seconds"]))')
told=$(grep -c 'slowing down' "$err")
((cuts > 3 && told >= 1 && told <= 1 + seconds / 10)) || fail "$told lines for $cuts cuts in $seconds s"
