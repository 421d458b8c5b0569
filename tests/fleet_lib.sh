# shellcheck shell=bash
# Helpers of the scripts about fleets, which begin with  . "$(dirname "$0")/../fleet_lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
for program in redis-server redis-cli; do
  command -v "$program" >/dev/null || skip "there is no $program"
done

server='' hosts=()
end_all() {
  local process
  for process in "${hosts[@]}" $server; do kill -KILL "$process" 2>/dev/null || true; done
}
trap end_all EXIT

listens() { redis-cli -p "$port" ping 2>/dev/null | grep -qE 'PONG|NOAUTH'; }
listens_or_ended() { listens || is_gone "$server"; }

# start_server [WORD...]: a redis-server of this test's own, on $port; as $server.
start_server() {
  local try
  for ((try = 0; try < 10; try++)); do
    # Where someone else has it, another one.
    if [[ -z ${port:-} || $try != 0 ]]; then port=$((20000 + RANDOM % 10000)); fi
    redis-server --bind 127.0.0.1 --port "$port" --save '' --dir "$TMPDIR" "$@" \
      >>"$TMPDIR/server.log" 2>&1 &
    server=$!
    wait_for listens_or_ended
    if is_alive "$server"; then return; fi
  done
  fail "redis-server cannot be started"
}

# kill_server: at once, and it is gone.
kill_server() {
  kill -KILL "$server"
  wait_for is_gone "$server"
}

# url NAME: of the fleet NAME.
url() { echo "redis://127.0.0.1:$port/$1"; }

# start_host NAME COMMAND...: runs COMMAND in the background, writing NAME.out and NAME.err; its pid
# is the last of $hosts, and $host.
start_host() {
  local name=$1
  shift
  env --default-signal=INT,QUIT "$@" >"$name.out" 2>"$name.err" &
  host=$!
  hosts+=("$host")
}

# expect_said NAME REGEX: a line of what the host said matches.
expect_said() {
  grep -qE -e "$2" "$1.err" && return
  sed "s/^/  $1: /" "$1.err"
  fail "no line of $1 matches: $2"
}

# expect_host_end PID N: the host ends, and exits N.
expect_host_end() {
  local status=0
  wait "$1" 2>/dev/null || status=$?
  if ((status != $2)); then
    cat -- ./*.err
    fail "exit $status, expected $2"
  fi
}
