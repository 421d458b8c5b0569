#!/usr/bin/env bash
# What the page of the controller shows is what it does: its simulations run as they stand there, and
# its table tells of them.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../readme_lib.sh"
command -v jq >/dev/null || skip "there is no jq"
read_page docs/controller.md
cp -r "$repository/docs/models" .

for name in cap steps rate outage broken knee; do
  line=$(grep -E "^gentlify simulate .*models/$name.toml" "$page")
  use_block "$line"
  expect_status 0 bash -c "$line"
  (($(wc -l <"$name.csv") > 1000)) || fail "the trace of $name is short"
  grep -qF "](pictures/$name.svg)" "$page" || fail "there is no plot of $name"
done
expect_all_used

# simulated MODEL FLAG...: makespan, oracle, the shares of jobs done and lost, and refusals for each done.
simulated() {
  local model=$1
  shift
  gentlify simulate --model "models/$model.toml" "$@" --json |
    jq -r '.runs[0] | "\(.makespan) \(.oracle) \(.done / .good) \(.lost / .good) \((.refused + .outage_failures) / .done)"'
}

# Libraries of mathematics differ in the last digit, and so may runs of other machines, a little.
rows=0
while IFS='|' read -r _ model ours refused lost fixed_16 lost_16 fixed_64 lost_64 _; do
  name=$(sed 's/.*\[\(.*\)\].*/\1/' <<<"$model")
  read -r time oracle got gone again < <(simulated "$name" -j 64)
  read -r time_16 _ got_16 gone_16 _ < <(simulated "$name" -j 16 --controller fixed)
  read -r time_64 _ got_64 gone_64 _ < <(simulated "$name" -j 64 --controller fixed)
  awk -v oracle="$oracle" -v name="$name" \
    -v told="$ours $refused $lost $fixed_16 $lost_16 $fixed_64 $lost_64" \
    -v is="$time $got $again $gone $time_16 $got_16 $gone_16 $time_64 $got_64 $gone_64" '
    function efficiency(time, got) { return (oracle < time ? oracle / time : 1) * got }
    function near(what, told, is, by) {
      if (is - told > by || told - is > by) { print name ", " what ": told is " told ", and it is " is; bad = 1 }
    }
    BEGIN {
      gsub("%", "", told)
      split(told, t, " ")
      split(is, i, " ")
      near("efficiency", t[1], efficiency(i[1], i[2]), 0.05)
      near("refused", t[2], i[3], 0.02)
      near("lost", t[3], 100 * i[4], 1)
      near("efficiency of 16", t[4], efficiency(i[5], i[6]), 0.05)
      near("lost with 16", t[5], 100 * i[7], 3)
      near("efficiency of 64", t[6], efficiency(i[8], i[9]), 0.05)
      near("lost with 64", t[7], 100 * i[10], 3)
      exit bad
    }' || fail "the table is of another controller: draw the plots anew, too, with docs/pictures/make"
  rows=$((rows + 1))
done < <(grep -F '](models/' "$page" | grep '^| \[')
((rows == 6)) || fail "the table has $rows rows"
