#!/usr/bin/env bash
# --csv, --tsv, --colsep and --header: columns as arguments. A bad row fails alone.
. "$(dirname "$0")/../lib.sh"

printf 'name,"a, b"\r\nx,"1\n2"\r\n"say ""hi""",\r\n' >table
expect_status 0 gentlify -k --csv -a table printf '<%s>' {1} {2}
[[ $(<"$out") == $'<name><a, b><x><1\n2><say "hi"><>' ]] || fail "columns by number"
expect_status 0 gentlify -k --csv --header -a table printf '<%s>' '{name}={a, b}' {2}
[[ $(<"$out") == $'<x=1\n2><1\n2><say "hi"=><>' ]] || fail "columns by name"
expect_status 0 gentlify -k --csv -a table printf '<%s>'
[[ $(<"$out") == $'<name,"a, b"><x,"1\n2"><"say ""hi""",>' ]] || fail "the row as it is"

printf 'a b\tc\n' | expect_status 0 gentlify --tsv echo {2} {1}
expect_stdout 'c a b'
printf 'root:x:0\n' | expect_status 0 gentlify --colsep : echo {3} {1/}
expect_stdout '0 root'
printf '\xef\xbb\xbfid;v\n1;2\n' | expect_status 0 gentlify --csv --colsep ';' --header --tag-string 'no. {id}' echo {v}
expect_stdout $'no. 1\t2'
printf '\xef\xbb\xbf"a\nb",v\n1,2\n' | expect_status 0 gentlify --csv --header echo {$'a\nb'} {v}
expect_stdout '1 2'

# Bad rows are named by line and column, and the rest runs.
printf 'a,b\n1,2\n"x"y,3\n4\n5,6\n7,"8\n9,10\n' >bad
expect_status 1 gentlify -k --csv --header -a bad echo {a} {b}
expect_stdout '1 2' '5 6'
expect_stderr_matches '^gentlify: failed: job 2: line 3, column 4: after a closing quote'
expect_stderr_matches '^gentlify: failed: job 3 \(line 4\): it has 1 column, the header 2$'
expect_stderr_matches '^gentlify: failed: job 5: line 6, column 3: the quote that opens here is not closed, and takes the next line with it$'
expect_status 1 gentlify --csv -a bad --joblog log echo {2}
expect_stderr_matches '^gentlify: failed: job 4 \(line 4\): 4: there is no column 2 in it, only 1$'

# Each file has its header; that of another table is not taken for this one's.
printf 'b,a\n0,0\n' >other
expect_status 1 gentlify -k --csv --header -a table -a table -a other printf '%s\n' {name}
expect_stdout x 'say "hi"' x 'say "hi"'
expect_stderr_matches 'the header of its file is not that of the first one \(name,"a, b"\)'

# What no row can have is known before the first job.
expect_status 64 gentlify --csv --header -a table echo '{nmae}'
expect_stderr_matches '^gentlify: \{nmae\}: the header names no such column; it has name, a, b$'
expect_status 64 gentlify --csv --header -a table echo '{3}'
expect_status 64 gentlify --csv --header : -a table echo '{name}'
expect_stderr_matches '^gentlify: --header takes no value'
expect_status 65 gentlify --csv --header echo '{1}' </dev/null
expect_stderr_matches '^gentlify: there is no header: the input is empty$'
expect_status 64 gentlify --csv -a table
expect_stderr_matches '^gentlify: --csv needs a COMMAND$'
for flags in '--csv --tsv' '--csv --jsonl' '--csv -0' '--tsv -d ,' '--header' '--csv -n 2'; do
  # shellcheck disable=SC2086
  expect_status 64 gentlify $flags -a table echo
done

# The header may come late, and a signal ends the wait for it.
make_gate
{ read -r _ <go; echo 'x,y'; echo '1,2'; } | gentlify --csv --header echo {y} >"$out" &
echo >&9
wait $!
expect_stdout 2
mkfifo late
start gentlify --csv --header -a late echo {y}
exec 8>late # returns once it is open there
kill -TERM "$pid"
expect_end 143
