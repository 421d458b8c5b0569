#!/usr/bin/env bash
# `gentlify report JOURNAL -o FILE` writes a page that needs nothing else. In a browser it shows what
# the journal holds, without an error; it zooms, tells what the pointer is at, and fits a phone.
. "$(dirname "$0")/../lib.sh"

pages=$(cd "$(dirname "$0")/../page" && pwd)
expect_status 1 gentlify -q -j 4 --retries 1 --retry-base-delay 10ms --overload-exit 75 --timeout 5s \
  --journal run --label run=7 --retry-after-match 'wait ([0-9.]+)' sh -c '
  sleep 0.0$(($1 % 5 + 1))
  case $1:$GENTLIFY_ATTEMPT in
    *7:*) echo "<img src=x onerror=alert(1)> $(printf "\033[1m\342\200\256")" >&2; exit 3 ;;
    2?:1) echo "wait 0.2" >&2; exit 75 ;;
  esac' sh {} < <(seq 100)
status=0
gentlify report run -o run.html >"$out" 2>"$err" || status=$?
if ((status == 69)); then
  expect_stderr_matches 'built without npm.*--text'
  [[ ! -e run.html ]] || fail "there is a file all the same"
  skip "this build has no page, having had no npm or no network"
fi
((status == 0)) || fail "exit $status"
[[ ! -s $out ]] || fail "it printed something"

# A file takes the place of the one before whole; - is standard output.
expect_status 0 gentlify report run -o -
cmp "$out" run.html || fail "-o - is something else"
expect_status 73 gentlify report run -o nowhere/run.html
expect_status 65 gentlify report run.html -o run.html
grep -q "<!doctype html>" run.html || fail "what was there is gone"
expect_status 0 gentlify report run -o run.html --text
grep -q 'of 100 jobs done' "$out" || fail "--text prints nothing beside -o"
expect_status 74 gentlify report run -o /dev/full

# A million jobs.
seq 1000000 | gentlify __pretend -q -j 8 -u --journal many true {}
expect_status 0 gentlify report many -o many.html
(($(stat -c %s many.html) <= 5000000)) || fail "$(stat -c %s many.html) bytes"
rm many

command -v chromium >/dev/null || skip "there is no chromium"
command -v npm >/dev/null || skip "there is no npm"
# What was got once stays in the build.
if ! cmp -s "$pages/package-lock.json" "$BUILD/page_tests/got"; then
  mkdir -p "$BUILD/page_tests"
  cp "$pages"/package*.json "$BUILD/page_tests"
  (cd "$BUILD/page_tests" && timeout 60 npm ci --ignore-scripts --no-audit --no-fund) >"$err" 2>&1 ||
    skip "npm cannot get playwright-core"
  cp "$pages/package-lock.json" "$BUILD/page_tests/got"
fi
cp "$pages/check.mjs" "$BUILD/page_tests/check.mjs"
expect_status 0 timeout -k 5 90 node "$BUILD/page_tests/check.mjs" "$(command -v chromium)" run run.html many.html
