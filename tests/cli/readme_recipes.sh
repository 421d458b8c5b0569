#!/usr/bin/env bash
# The recipes do what they say, and so do those for CI and the lines for those who come from xargs and
# parallel: each of their blocks is run as it stands there. What is not to be had here, or would leave
# this machine, is a script that records its arguments.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../readme_lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

# expect_calls LINE...: so often, and in any order, something was recorded.
expect_calls() {
  diff -u --label expected --label calls <(printf '%s\n' "$@" | sort) <(sort "$CALLS") ||
    fail "other calls than expected"
  rm "$CALLS"
}

# pair N [STATUS]: each of the two lines of a block, run in the directory `pair` that prepare_pair fills,
# exits STATUS (0) and does what check_pair wants.
pair() {
  local line program both=()
  mapfile -t both < <(block 'Lines from scripts' "$1")
  ((${#both[@]} == 2)) || fail "pair $1 has ${#both[@]} lines"
  for line in "${both[@]}"; do
    program=$(grep -oE 'xargs|parallel|gentlify' <<<"$line" | head -n 1)
    if ! command -v "$program" >/dev/null; then continue; fi
    rm -rf pair && mkdir pair
    prepare_pair
    cd pair
    expect_status "${2:-0}" bash -c "$line"
    cd ..
    check_pair
  done
}

command -v curl >/dev/null || skip "there is no curl"
: >requests
python3 "$here/recipe_server.py" >>requests 2>"$TMPDIR/server" &
server=$!
trap 'kill -KILL "$server"' EXIT
wait_for test -s requests
read -r port <requests
: >requests
url=http://127.0.0.1:$port

# answered FIELD...: these fields of each answer that the service gave since the last call, sorted.
answered() {
  cp requests requests.last
  : >requests
  awk -v fields="$*" '
    BEGIN { n = split(fields, f, " ") }
    { for (i = 1; i <= n; i++) printf "%s%s", $f[i], i < n ? " " : "\n" }' requests.last | sort
}

read_page docs/recipes.md
echo 'API for each row: a bad row fails alone, and a refusal is made good after its time.'
printf 'id,customer\r\n1,"Zoë, Ltd"\r\n"2"x,bad\r\n2,a&b\r\n4,x y\r\n' >orders.csv
block 'Call an API for each row of a table' >recipe
API=$url expect_status 1 bash recipe
expect_stderr_matches '^gentlify: failed: job 2: line 3, column 4: '
[[ $(answered 2 3 4 5 6) == 'POST /orders 200 1 customer=Zoë,_Ltd
POST /orders 200 2 customer=a&b
POST /orders 200 4 customer=x_y
POST /orders 429 2 customer=a&b' ]] || fail "other requests: $(<requests.last)"
awk '$5 == 2 && $4 == 429 { at = $1 } $5 == 2 && $4 == 200 { exit $1 - at < 0.99 }' requests.last ||
  fail "the refused one came again before its time: $(<requests.last)"
[[ $(<answers/4/stdout) == 'answer to /orders 4' ]] || fail "no answer to order 4"

echo 'A language model: costs are reported, a refusal is made good.'
mkdir modules
cat >modules/openai.py <<'PYTHON'
import os, types

class RateLimitError(Exception):
    pass

def create(model, messages):
    prompt = messages[0]["content"]
    if prompt == "b c" and not os.path.exists("refused"):
        open("refused", "w").close()
        raise RateLimitError("Error code: 429 - rate_limit_exceeded. Please try again in 20ms.")
    some = types.SimpleNamespace
    message = some(content=f"{model} on {prompt}")
    return some(choices=[some(message=message)], usage=some(total_tokens=1234))

def OpenAI(max_retries):
    assert max_retries == 0
    completions = types.SimpleNamespace(create=create)
    return types.SimpleNamespace(chat=types.SimpleNamespace(completions=completions))
PYTHON
block 'Ask a language model, within its limits' >ask.py
block 'Ask a language model, within its limits' 2 >recipe
printf '{"cost": 900, "prompt": "%s"}\n' a 'b c' >prompts.jsonl
rm -r answers
PYTHONPATH=$PWD/modules expect_status 0 bash recipe
[[ $(<answers/2/stdout) == 'gpt-4o-mini on b c' ]] || fail "not the answer to the second prompt"
grep -q '"ok":2,.*"attempts":3,' summary.json || fail "not three attempts: $(<summary.json)"

echo 'Images.'
stand_in convert 'for out; do :; done; echo jpeg >"$out"'
mkdir -p 'photos/a b'
touch 'photos/a b/one two.png' photos/three.png photos/note.txt
block 'Convert images' >recipe
expect_status 0 bash recipe
expect_calls 'convert photos/a b/one two.png -resize 1600x1600 thumbs/one two.jpg' \
  'convert photos/three.png -resize 1600x1600 thumbs/three.jpg'
[[ $(ls thumbs) == $'one two.jpg\nthree.jpg' ]] || fail "other images: $(ls thumbs)"

echo 'Many small files.'
stand_in gzip 'for file; do [ "$file" = -9 ] || mv "$file" "$file.gz"; done'
mkdir logs
for ((i = 0; i < 150; i++)); do echo "$i" >"logs/$i x.log"; done
touch -d '9 days ago' logs/*
touch logs/new.log
block 'Many small files, many for each start' >recipe
expect_status 0 bash recipe
(($(wc -l <"$CALLS") == 2 && $(find logs -name '*.log.gz' | wc -l) == 150)) || fail "$(<"$CALLS")"
[[ -e logs/new.log ]] || fail "a new file was compressed"
rm -r "$CALLS" logs stand_ins/gzip

read_page README.md
echo 'GitHub Actions.'
stand_in gh 'case $* in *o/two*) echo "gh: Not Found (HTTP 404)" >&2; exit 1 ;; esac'
printf 'o/%s\n' one two >repos.txt
block 'A step of GitHub Actions' | sed '1,/^  run: |$/d; s/^    //' >recipe
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$PWD/step.md CI=true GENTLIFY_RETRY_BASE_DELAY=1ms \
  expect_status 1 bash -e recipe
expect_stderr_matches '^::error title=gentlify%3A job 2 failed::gh api .*: gh: Not Found'
grep -qF 'repos/o/two/topics' step.md || fail "no summary of the step: $(<step.md)"
sort -u -o "$CALLS" "$CALLS" # the second was tried more than once
expect_calls 'gh api -X PUT repos/o/one/topics -f names[]=internal' \
  'gh api -X PUT repos/o/two/topics -f names[]=internal'

echo 'GitLab CI.'
block 'A job of GitLab CI' | sed -n 's/^    - //p' | head -n 1 >recipe
printf "$url/%s\n" here gone >urls.txt
CI=true GITLAB_CI=true GENTLIFY_RETRY_BASE_DELAY=1ms expect_status 1 bash -e recipe
[[ $(answered 2 3 4 | sort -u) == $'HEAD /gone 404\nHEAD /here 200' ]] || fail "$(<requests.last)"
grep -q 'tests="2" failures="1"' links.xml || fail "not that report: $(<links.xml)"
block 'A job of GitLab CI' | grep -qx '      junit: links.xml' || fail "another file than the report's"

expect_all_used 'In CI'
read_page docs/recipes.md
echo 'A crash in the middle of the second file: only that one is sent again, with its key.'
mkfifo held
exec 7<>held
printf 'files/%s\n' a b c >files.txt
mkdir files
for file in a b c; do printf "this is $file" >files/$file; done
block 'A list that survives a crash' | sed 's/^gentlify -j 8/exec &/; s/-j 8/-j 1/' >recipe
curl=$(command -v curl)
stand_in curl "'$curl' \"\$@\" || exit; case \$* in */b) [ -e sent ] || { touch sent; read x <held; } ;; esac"
export API=$url
start bash recipe
trap 'kill -KILL "$server" $pid' EXIT
wait_for test -e sent
kill_run
expect_status 0 bash recipe
expect_stderr_matches '^gentlify: going on with the run in upload.journal: 1 job done, 1 begun and not finished$'
[[ $(awk '{ print $2, $3, $6 }' requests) == 'POST /a this_is_a
POST /b this_is_b
POST /b this_is_b
POST /c this_is_c' ]] || fail "other requests: $(<requests)"
(($(awk '{ print $5 }' requests | sort -u | wc -l) == 3)) || fail "not a key for each: $(<requests)"
[[ $(awk '$3 == "/b" { print $5 }' requests | uniq | wc -l) == 1 ]] || fail "two keys for one: $(<requests)"
expect_status 0 bash recipe
(($(wc -l <requests) == 4)) || fail "a file was sent again: $(<requests)"
: >requests
rm "$CALLS" stand_ins/curl
unset API

echo 'A chat and a cache: where the service is away all jobs have their copies, and people are told.'
seq 12 >ids.txt
mkdir cache
for id in {1..12}; do echo "page $id" >"cache/$id"; done
stand_in tell-chat
block 'Tell a chat, and fall back to a cache' >recipe
API=http://127.0.0.1:1 expect_status 0 bash recipe
expect_stderr_matches ': 12 ok \(12 by the fallback\)'
cmp <(sort -n stale.txt) ids.txt || fail "other copies: $(<stale.txt)"
for id in {1..12}; do [[ $(<"pages/$id/stdout") == "page $id" ]] || fail "page $id is $(<"pages/$id/stdout")"; done
grep -q '^tell-chat {"t":"state",.*"what":"circuit","open":true' "$CALLS" || fail "told of no circuit: $(<"$CALLS")"
grep -q '^tell-chat {"t":"close",.*"done":12,"failed":0,"exit":0' "$CALLS" || fail "told of no end: $(<"$CALLS")"
rm -r "$CALLS" pages

echo 'Slurm: two at once, and after SIGTERM no step starts.'
stand_in srun "echo >$PWD/begun; read _ <$PWD/go"
mkfifo begun
exec 8<>begun
make_gate
seq 5 >samples.txt
block 'Steps in a Slurm allocation' >recipe
export SLURM_NTASKS=2
start bash recipe
trap 'kill -KILL "$server" $pid' EXIT
read -r -u 8 _
read -r -u 8 _
kill -TERM "$pid"
wait_for grep -q '^gentlify: draining: 2 running' "$err"
echo >&9
echo >&9
expect_end 143
expect_calls 'srun -n1 -N1 --exclusive --mem-per-cpu=2G ./align.sh '{1,2}
(($(wc -l <steps.log) == 3)) || fail "not two steps in the log: $(<steps.log)"

expect_all_used

read_page docs/migration.md
echo 'Lines from scripts.'
prepare_pair() { cp urls.txt pair; }
printf "$url/%s\n" a b c >urls.txt
check_pair() {
  [[ $(answered 2 3 4) == $'GET /a 200\nGET /b 200\nGET /c 200' ]] || fail "$(<requests.last)"
  [[ $(cat pair/[abc]) == $'answer to /a -\nanswer to /b -\nanswer to /c -' ]] || fail "other files"
}
pair 1

# script NAME [COMMAND]: a stand-in in the directory of the pair.
script() {
  stand_in "$1" "${2:-}"
  mv "stand_ins/$1" pair
}
prepare_pair() {
  script index.sh 'for file; do echo "$# ${file##*/}" >>../counts; done'
  touch pair/{1..20}' x.txt' pair/other
}
check_pair() {
  cut -d ' ' -f 1 counts | sort -u | grep -qx 10 || fail "not ten each: $(<counts)"
  (($(sort -u counts | wc -l) == 20 && $(wc -l <"$CALLS") == 2)) || fail "not all: $(<counts)"
  rm counts "$CALLS"
}
pair 2

prepare_pair() {
  script fetch.sh 'test "$1" != bad'
  printf '%s\n' 1 bad 3 >pair/ids.txt
}
check_pair() {
  expect_calls 'fetch.sh '{1,bad,bad,bad,3}
  [[ $(awk '{ print $7, $9, $10 }' pair/log | sort) == '0 ./fetch.sh 1
0 ./fetch.sh 3
1 ./fetch.sh bad
Exitval Command ' ]] || fail "not that log: $(<pair/log)"
}
GENTLIFY_RETRY_BASE_DELAY=1ms pair 3 1

prepare_pair() {
  script add.sh
  printf '%s\n' 1,2 3,4 >pair/table.csv
}
check_pair() { expect_calls 'add.sh 2 1' 'add.sh 4 3'; }
pair 4

prepare_pair() { script train.sh; }
check_pair() {
  expect_calls 'train.sh --model '{small,large}' --seed '{1,2}
}
pair 5

expect_all_used
