#!/usr/bin/env bash
# Each line of the examples in the manuals runs, and calls what it says. What is not to be had here, or
# would leave this machine, is a script that records its arguments.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../readme_lib.sh"

for name in curl gh optipng; do stand_in $name; done
for name in {order,train,ask,upload,job}.sh; do
  stand_in $name
  mv stand_ins/$name .
done
cp "$repository/man/model.toml" .
touch {a,b}.{log,png}
printf 'https://service.example/%s\n' 1 2 >urls.txt
printf 'o/%s\n' one two >repos.txt
printf 'id,customer\n1,a b\n' >orders.csv
printf 'echo %s\n' one two >commands.txt
tee files.txt list items.txt >input <<<one

lines=0
while IFS= read -r line; do
  lines=$((lines + 1))
  if [[ $line == *' -o '*.html && ! -s $BUILD/report_page_text.cc.html ]]; then continue; fi
  # There is no such server; but that is what the line comes to.
  if [[ $line == *redis://host/* ]]; then line=${line/gentlify/gentlify --print-config}; fi
  expect_status 0 bash -c "$line" <input
done < <(sed -n 's/^\.Dl //p' "$BUILD"/gentlify{,-simulate,-report}.1 |
  sed -E ':a; /\\e$/ { N; ba }; s/ \\e\n//g; s/\\ / /g; s/\\&//g; s/\\-/-/g')
((lines > 20)) || fail "the manuals have only $lines examples"

for call in 'gh api repos/o/one/topics' 'order.sh 1 a b' 'train.sh --model large --seed 2' 'optipng -quiet ./a.png' \
  'ask.sh one' 'upload.sh one' 'job.sh one' 'curl -fsSO https://service.example/2'; do
  grep -qxF "$call" "$CALLS" || fail "this was not called: $call"
done
[[ -s a.log.gz && -s trace.csv && -s nightly.toml ]] || fail "not all files were written"
