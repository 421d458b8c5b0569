#!/usr/bin/env bash
# What was installed can be taken away again, and nothing else goes.
. "$(dirname "$0")/../lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)

mkdir -p prefix/bin build
echo mine >prefix/bin/mine
expect_status 0 cmake --install "$BUILD" --prefix "$PWD/prefix"
mv "$BUILD/install_manifest.txt" build
expect_status 0 cmake -DBUILD="$PWD/build" -P "$root/cmake/uninstall.cmake"
[[ $(find prefix -type f) == prefix/bin/mine ]] || fail "not just what was installed is gone: $(find prefix -type f)"
expect_status 1 cmake -DBUILD="$PWD/build" -P "$root/cmake/uninstall.cmake"
expect_stderr_matches 'nothing was installed'
