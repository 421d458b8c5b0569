#!/usr/bin/env bash
# The library: its examples run, and a project of somebody else's builds with the installed package.
. "$(dirname "$0")/../lib.sh"
examples=$(cd "$(dirname "$0")/../examples" && pwd)

expect_status 0 "$BUILD/example_throttle"
expect_stdout "an exception would be a failure" "21 succeeded, 0 failed"
expect_status 0 "$BUILD/example_steered"
expect_stdout 'wrapped!' 'the budget is used up' paused running 'passed on' closed 'the throttle is closed'
expect_status 0 "$BUILD/example_scheduler"
expect_stdout 'job 1 at 0 s' 'wait: rate' 'job 2 at 10 s' 'wait: rate' 'job 3 at 20 s'

# What the README shows is the example that has just run, and the project that is built below.
readme=$examples/../../README.md
# blocks LANGUAGE: of the section, on standard output.
blocks() {
  awk -v language="$1" '
    /^## / && !inside { here = $0 == "## As a library" }
    /^```/ { inside = !inside && $0 == "```" language; next }
    inside && here' "$readme"
}
diff -u <(tail -n +2 "$examples/throttle.cc") <(blocks cpp) || fail "the README shows another program"

expect_status 0 cmake --install "$BUILD" --prefix "$PWD/prefix"
# Neither headers nor package know the tree that they are from.
if grep -rlE '#include "(lib|cli)/' prefix/include; then fail "a header includes by another name"; fi
if grep -rlF "$(realpath "$examples/../..")" prefix/lib*/cmake prefix/lib/*/cmake 2>/dev/null; then
  fail "the package needs the tree it was built from"
fi

mkdir project
cp "$examples/throttle.cc" project/calls.cc
blocks cmake >project/CMakeLists.txt
[[ -s project/CMakeLists.txt ]] || fail "the README has no CMakeLists.txt"
# The sanitizers' functions are the only thing that the package leaves to who uses it.
sanitize=$(sed -n 's/^GENTLIFY_SANITIZE:STRING=//p' "$BUILD/CMakeCache.txt")
mv prefix elsewhere # it may be moved
expect_status 0 cmake -S project -B built -DCMAKE_PREFIX_PATH="$PWD/elsewhere" \
  -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror ${sanitize:+-fsanitize=$sanitize -fno-sanitize=vptr}"
expect_status 0 cmake --build built
expect_status 0 built/calls
expect_stdout "an exception would be a failure" "21 succeeded, 0 failed"
expect_status 0 env GENTLIFY_MAX_CONCURRENCY=2 built/calls
expect_status 134 env GENTLIFY_MAX_CONCURRENCY=many built/calls
expect_stderr_matches 'GENTLIFY_MAX_CONCURRENCY=many: must be a number of jobs'
