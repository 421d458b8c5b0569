#!/usr/bin/env bash
# --events streams the records of a run as they come, to a file or to a descriptor that was given.
. "$(dirname "$0")/../lib.sh"

# kinds FILE: what its records are, in order.
kinds() { sed -E 's/^\{"t":"([a-z]+)".*/\1/' "$1" | tr '\n' ' '; }

expect_status 1 gentlify -j 1 --retries 0 --label team=blue --events events sh -c 'exit $1' sh ::: 0 3
[[ $(kinds events) == 'head start end start end close ' ]] || fail "the records are: $(kinds events)"
/usr/bin/python3 - events <<'PYTHON' || fail "the records are not as they should be"
import json, sys
head, start, end, _, failed, close = map(json.loads, open(sys.argv[1]))
assert head["labels"] == {"team": "blue"}, head
assert (start["seq"], start["try"]) == (1, 1), start
assert (end["seq"], end["outcome"], end["fate"], end["exit"]) == (1, "success", "done", 0), end
assert (failed["outcome"], failed["fate"], failed["exit"]) == ("failure", "failed", 3), failed
assert (close["done"], close["failed"], close["exit"]) == (1, 1, 1), close
PYTHON

# The file is begun anew; with a journal the records are those of the journal.
expect_status 0 gentlify -j 1 --events events --journal journal true ::: a
[[ $(kinds events) == 'head start end close ' ]] || fail "the records are: $(kinds events)"
diff <(grep -o '"job":"[^"]*"' events) <(grep -o '"job":"[^"]*"' journal) || fail "other jobs"

# A descriptor; jobs do not get it.
expect_status 0 gentlify -j 1 --events fd:5 sh -c '[ ! -e /proc/self/fd/5 ]' ::: a 5>events
[[ $(kinds events) == 'head start end close ' ]] || fail "the records are: $(kinds events)"
expect_status 64 gentlify --events fd:123 true ::: a
expect_stderr_matches '^gentlify: --events fd:123: no descriptor 123 was given to gentlify$'
expect_status 64 gentlify --events fd:x true ::: a
expect_stderr_matches 'must be a file, or fd:N'
expect_status 64 gentlify --events '' true ::: a
expect_status 73 gentlify --events no/such/file true ::: a

# A reader that is slow holds starts back; nothing is lost. A pipe takes 64 KiB, and 1 MiB waits.
mkfifo pipe
exec 8<>pipe
seq 20000 >items
start gentlify __pretend -q -a items --events pipe true
read -r -u 8 first
# It waits for its reader now, or will; a signal is answered all the same.
kill -USR1 "$pid"
wait_for grep -q running "$err"
echo "$first" >events
cat <pipe >>events 8>&- &
reader=$!
exec 8>&-
expect_end 0
wait "$reader"
(($(grep -c '"fate":"done"' events) == 20000)) || fail "records are lost"

# One that goes away, or a disk that is full, ends the run.
expect_status 74 gentlify --events /dev/full true ::: a b
expect_stderr_matches 'events /dev/full cannot be written \(No space left on device\)'
