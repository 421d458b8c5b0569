#!/usr/bin/env bash
# What the README and the page of fleets say works: each of their blocks is run as it stands there, but that the
# server is this test's own.
. "$(dirname "$0")/../fleet_lib.sh"
. "$(dirname "$0")/../readme_lib.sh"

here() { sed "s/127\.0\.0\.1:6390/127.0.0.1:$port/; s/redis-cli/& -p $port/"; }
ended() { for host in "${hosts[@]}"; do expect_host_end "$host" 0; done; }
# jobs_of FILE...: whose jobs told that they ran, by number, one a line.
jobs_of() { sed -n 's/^job \(.*\) was here$/\1/p' "$@" | sort -n; }

heading='Two hosts in two terminals'
server_line=$(block "$heading")
[[ $server_line == 'redis-server --port 6390 '* ]] || fail "the server is started otherwise"
eval "start_server ${server_line#redis-server --port 6390}"

echo 'Two hosts share a list that both read, and two others one that is pushed.'
seq 30 >list
block "$heading" 2 | here >range
block "$heading" 4 | here >stream
block "$heading" 5 | here >push
start_host a bash range
wait_for grep -q '^gentlify: fleet try is new' a.err
start_host b bash range
start_host c bash stream
start_host d bash stream
expect_status 0 bash -e push
expect_stderr_matches '^gentlify: 2 jobs pushed, 12 in all; the list has ended$'
ended
diff -u list <(jobs_of a.out b.out) || fail "not each job ran once on one of them"
diff -u <(printf '%s\n' last the {1..10} | sort -n) <(jobs_of c.out d.out) || fail "the pushed jobs"
[[ -s a.out && -s b.out ]] || fail "one of them has run no job"
block "$heading" 3 | while read -r line; do
  grep -qxF "$line" a.err || fail "this was not said: $line: $(<a.err)"
done
expect_status 0 bash range
[[ ! -s $out ]] || fail "what was done ran again"
hosts=()

expect_all_used 'Many hosts, one limit'
read_page docs/fleet.md
echo 'The user of Redis can do all that is needed, and nothing else.'
export PASSWORD=secret
block 'Who may take part' | here >acl
expect_status 0 bash acl
expect_stdout OK
grep -oE '[ +]\+[a-z]+' acl | tr -d ' +' | sort >rights
cat "$repository"/lib/fleet/*.lua | grep -oE "call\('[A-Z]+'" | grep -oE '[A-Z]+' |
  tr '[:upper:]' '[:lower:]' | sort -u - <(printf '%s\n' info eval evalsha) >needed
diff -u needed rights || fail "those rights are not what the scripts need"
redis-cli -p "$port" ACL LOG RESET >/dev/null
as_user=redis://ci:secret@127.0.0.1:$port
limits=(--fleet-ttl 1s --fleet-concurrency 2 --rate 50/s --token-budget 1000/s)
start_host e env GENTLIFY_FLEET="$as_user/ci-1" gentlify "${limits[@]}" true ::: 1 2 3
start_host f env GENTLIFY_FLEET="$as_user/ci-2" gentlify "${limits[@]}" --fleet-jobs range -a list true
start_host g env GENTLIFY_FLEET="$as_user/ci-3" gentlify "${limits[@]}" --fleet-jobs stream true
GENTLIFY_FLEET=$as_user/ci-3 expect_status 0 gentlify push --end ::: a b
ended
hosts=()
expect_status 77 gentlify --fleet "$as_user/day" true ::: 1
redis-cli -p "$port" ACL LOG | grep -A 1 '^object$' | tail -n 1 >refused
grep -q '^gt:{day}:' refused || fail "other than the key of another fleet is refused: $(<refused)"
redis-cli -p "$port" ACL LOG RESET >/dev/null

echo 'A look at a fleet.'
block 'Look at a fleet and steer it' | sed "s|rediss://\.\.\.|$as_user/ci-1|" >steer
expect_status 0 bash -e steer
expect_status 0 gentlify ctl --fleet "$as_user/ci-1" status
grep -qx 'fleet ci-1: paused for 1*[09]m .*' "$out" || fail "it is not paused"
block 'Look at a fleet and steer it' 2 >sample
diff <(sed -n 2p sample | tr -d 0-9) <(sed -n 2p "$out" | tr -d 0-9 | sed 's/host$/hosts/') ||
  fail "the second line is another one"
expect_status 0 gentlify ctl --fleet "$as_user/ci-1" resume
[[ -z $(redis-cli -p "$port" ACL LOG) ]] || fail "something was refused"

echo 'What to do while Redis is away is said so.'
flags=$(sed -n '/^## When Redis goes away/,/^## /p' "$page" | grep -oE '^\| `--fleet-[^`]*' |
  sed 's/^| `//')
(($(wc -l <<<"$flags") == 3)) || fail "not three flags: $flags"
while read -r flag; do
  # shellcheck disable=SC2086
  expect_status 0 gentlify --fleet "$(url x)" $flag --print-config
  : >"$out"
done <<<"$flags"

echo 'Ten CI runners.'
stand_in curl
printf 'https://service.example/%s\n' {1..20} >urls.txt
block 'Ten CI runners on one API key' >ci.yaml
sed -n '/^      - run: >-$/,$p' ci.yaml | sed 1d | tr '\n' ' ' >runner
address=$(sed -n 's/^      GENTLIFY_FLEET: //p' ci.yaml |
  sed "s|^rediss://|redis://|; s|@redis.example/|@127.0.0.1:$port/|
       s|\${{ secrets.REDIS_PASSWORD }}|secret|; s|\${{ github.[a-z_]* }}|17|g")
for runner in {1..10}; do
  start_host "runner$runner" env GENTLIFY_FLEET="$address" CI=true bash -e runner
done
ended
hosts=()
diff -u <(sed 's/^/curl -fsSO /' urls.txt | sort) <(sort "$CALLS") || fail "other calls than expected"
rm "$CALLS" stand_ins/curl

echo 'An array of Slurm.'
stand_in align-one.sh
cp stand_ins/align-one.sh .
seq 12 >samples.txt
echo "$as_user" >~/.fleet-url
block 'A fleet of a Slurm array' >align.sbatch
export SLURM_CPUS_PER_TASK=2 GENTLIFY_FLEET_TTL=1s
for task in 1 2; do
  start_host "task$task" env SLURM_ARRAY_TASK_ID=$task bash align.sbatch ci-align-7
done
ended
hosts=()
diff -u <(sed 's/^/align-one.sh /' samples.txt | sort) <(sort "$CALLS") || fail "other calls"
(($(cat ci-align-7.[12] | grep -c align-one) == 12)) || fail "not all are in the logs"
rm "$CALLS"

echo 'Pods of Kubernetes: one is told to end, and another one does the rest.'
block 'A fleet of Kubernetes pods' >job.yaml
grep -q $'\t' job.yaml && fail "a tab in YAML"
if ! python3 -c 'import yaml' 2>/dev/null; then
  echo "there is no yaml for Python: the files of CI and Kubernetes are not read"
else
  python3 - "$as_user" >pod <<'END' || fail "the YAML is not as it should be"
import shlex, sys, yaml
steps = yaml.safe_load(open("ci.yaml"))["jobs"]["fetch"]
assert len(steps["strategy"]["matrix"]["runner"]) == 10
assert steps["steps"][1]["run"].split()[0] == "gentlify"
job = yaml.safe_load(open("job.yaml"))
spec = job["spec"]
assert job["kind"] == "Job" and spec["parallelism"] == 10 and "completions" not in spec
codes = spec["podFailurePolicy"]["rules"][1]["onExitCodes"]["values"]
assert codes == sorted(set(codes)) and not {0, 69, 75, 143} & set(codes), codes
pod = spec["template"]["spec"]
assert pod["restartPolicy"] == "Never"  # as a podFailurePolicy needs it
container = pod["containers"][0]
command = container["command"]
drain = int(command[command.index("--drain-timeout") + 1].rstrip("s"))
assert drain < pod["terminationGracePeriodSeconds"]
fleet = container["env"][1]
assert fleet["name"] == "GENTLIFY_FLEET"
address = fleet["value"].replace("$(REDIS_PASSWORD)", "secret")
address = address.replace("redis://ci:secret@redis:6379", sys.argv[1])
words = [word.replace("/list/items.txt", "items.txt") for word in command]
print("export GENTLIFY_FLEET=" + shlex.quote(address))
print("exec " + shlex.join(words))
END
  make_gate
  printf '#!/bin/sh\necho "$1" >>begun; read x <go\n' >job.sh
  chmod +x job.sh
  seq 9 >items.txt
  begun() { cat begun 2>/dev/null | wc -l; }
  has_begun() { (($(begun) >= $1)); }
  start_host one bash pod
  wait_for has_begun 2
  kill -TERM "$host"
  wait_for grep -q '^gentlify: draining: ' one.err
  before=$(begun)
  for ((i = 0; i < before; i++)); do echo >&9; done
  expect_host_end "$host" 143
  start_host two bash pod
  for ((i = before; i < 9; i++)); do echo >&9; done
  expect_host_end "$host" 0
  diff -u items.txt <(sort -n begun) || fail "not each job once"
fi

expect_all_used
