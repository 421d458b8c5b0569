#!/usr/bin/env bash
# The socket of a run is ours alone, takes no more than it should, and no name is taken away.
. "$(dirname "$0")/../lib.sh"

socket=$TMPDIR/run.sock
make_gate
# start_apart COMMAND...: what it says does not mix with what it answers.
start_apart() {
  local out=$TMPDIR/run.out err=$TMPDIR/run.err
  start "$@"
}

# Names that are not to be had. Nothing runs then.
echo kept >"$TMPDIR/file"
expect_status 73 gentlify --control "$TMPDIR/file" touch ran ::: 1
expect_stderr_matches 'there is something else of that name'
[[ $(<"$TMPDIR/file") == kept && ! -e ran ]] || fail "the file is not as it was, or a job ran"
expect_status 73 gentlify --control "$TMPDIR/$(printf 'x%.0s' {1..108})" touch ran ::: 1
expect_stderr_matches 'at most 107 bytes'
expect_status 73 gentlify --control "$TMPDIR/none/run.sock" touch ran ::: 1

# A socket that a run has left behind is taken over, one at which a run listens is not.
start_apart gentlify --control "$socket" sh -c 'touch at; read x <go' ::: 1
wait_for test -e at
expect_status 73 gentlify --control "$socket" touch ran ::: 1
expect_stderr_matches 'another run listens there'
[[ ! -e ran ]] || fail "a job ran"
[[ $(stat -c %a "$socket") == 600 ]] || fail "others may connect"
kill_run
rm at
[[ -S $socket ]] || fail "a killed run leaves its socket"
expect_status 66 gentlify ctl --control "$socket" status
start_apart gentlify --control "$socket" sh -c 'touch at; read x <go' ::: 1
wait_for test -e at
expect_status 0 gentlify ctl --control "$socket" status

# Whatever is sent, the run answers the next one, and goes on.
/usr/bin/python3 - "$socket" <<'END' || fail "the socket does not stand garbage"
import os, random, socket, sys, time
path = sys.argv[1]
def connect():
    s = socket.socket(socket.AF_UNIX); s.connect(path); s.settimeout(20); return s
def exactly(s, n):
    data = b""
    while len(data) < n and (part := s.recv(n - len(data))): data += part
    return data
def answer(s):
    head = b""
    while not head.endswith(b"\n"): head += exactly(s, 1)
    return head + exactly(s, int(head.split()[1]))
def is_sent_away(s):
    try: return s.recv(1) == b""
    except ConnectionResetError: return True
# Too long, bytes that no request has, no newline, nothing at all.
for data in (b"x" * 5000, b"status\0\n", bytes(range(128, 256)) + b"\n"):
    s = connect(); s.sendall(data); got = answer(s)
    assert got.startswith(b"64 "), got
    assert is_sent_away(s), "it should have been sent away"
begin = time.monotonic()
s = connect(); s.sendall(b"status"); assert is_sent_away(s)
t = connect(); assert is_sent_away(t)
assert time.monotonic() - begin >= 2, "two seconds are theirs"
# Several requests at once are answered one by one.
s = connect(); s.sendall(b"status\n" * 5)
for _ in range(5): assert answer(s).startswith(b"0 ")
# Many who leave at once, and noise.
random.seed(7)
for i in range(100):
    s = connect()
    s.send(random.randbytes(random.randrange(1, 300)))
    s.close()
s = connect(); s.sendall(b"status --json\nstatus json\n")
assert answer(s).startswith(b"64 ") and answer(s).startswith(b"0 ")
# More than eight wait until there is room.
crowd = [connect() for _ in range(12)]
crowd[11].sendall(b"status\n")
for s in crowd[:8]: s.close()
assert answer(crowd[11]).startswith(b"0 ")
END

# Another user is refused, also where the file would let them in.
if ((EUID == 0)); then
  public=$(mktemp -d /tmp/gentlify.XXXXXX)
  trap 'rm -rf "$public"; [[ -z $pid ]] || kill -KILL "$pid"' EXIT
  chmod 755 "$public"
  echo >&9
  expect_end 0
  rm at
  start_apart gentlify --control "$public/run.sock" sh -c 'touch at; read x <go' ::: 1
  trap 'rm -rf "$public"; [[ -z $pid ]] || kill -KILL "$pid"' EXIT
  wait_for test -e at
  chmod 666 "$public/run.sock"
  /usr/bin/python3 - "$public/run.sock" <<'END' || fail "another user may steer the run"
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(sys.argv[1])
try: s.sendall(b"pause\n")
except BrokenPipeError: pass
answer = b""
try:
    while part := s.recv(4096): answer += part
except ConnectionResetError: pass
assert answer == b"77 30\nthis run is another user's" or answer.startswith(b"77 "), answer
END
  expect_status 0 gentlify ctl --control "$public/run.sock" --json status
  grep -q '"paused":false' "$out" || fail "another user has paused the run"
fi
echo >&9
expect_end 0
