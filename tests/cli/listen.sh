#!/usr/bin/env bash
# --listen: how the run stands, for Prometheus and for a browser.
. "$(dirname "$0")/../lib.sh"

url() { sed -n 's|^gentlify: listening at \(http://127.0.0.1:[0-9]*/\)$|\1|p' "$err"; }
is_told() { [[ -n $(url) ]]; }
get() { curl -sS --max-time 20 -o "$out" -w '%{http_code}' "$@"; }

make_gate
start gentlify --listen 0 --controller fixed --retries 0 --label 'team=a b' -j 2 \
  sh -c 'touch at.$1; read x <go; [ $1 != 2 ]' sh ::: 1 2 3 4
wait_for test -e at.2
wait_for is_told
echo >&9
echo >&9
wait_for test -e at.4

[[ $(get "$(url)metrics") == 200 ]] || fail "no metrics"
grep -qF 'gentlify_jobs_completed_total{team="a b",outcome="ok"} 1' "$out" || fail "one job is ok"
grep -qF 'gentlify_jobs_in_flight{team="a b"} 2' "$out" || fail "two jobs run"
grep -qF 'gentlify_jobs{team="a b"} 4' "$out" || fail "there are four jobs"

[[ $(get "$(url)data.json") == 200 ]] || fail "no data"
/usr/bin/python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$out" || fail "the data is no JSON"
[[ $(get "$(url)") == 200 ]] || fail "no page"
[[ $(get "$(url)other") == 404 ]] || fail "there is nothing else"
[[ $(get -X POST "$(url)metrics") == 405 ]] || fail "nothing is to be posted"
[[ $(get -H 'Host: evil.example' "$(url)data.json") == 421 ]] || fail "a name could be anybody's"

# Where somebody listens already nothing is run.
port=$(url) port=${port##*:} port=${port%/}
expect_status 73 gentlify --listen "$port" touch ran ::: 1
expect_stderr_matches "gentlify: --listen $port: Address already in use"
expect_status 64 gentlify --listen example.org:80 touch ran ::: 1
expect_stderr_matches 'must be HOST:PORT or PORT'
[[ ! -e ran ]] || fail "a job ran"
echo >&9
echo >&9
expect_end 1
