#!/usr/bin/env bash
# Two seeds of the chaos test; tests/fleet/chaos has as many as one wants.
. "$(dirname "$0")/../lib.sh"

command -v redis-server >/dev/null || skip "there is no redis-server"
command -v setpriv >/dev/null || skip "there is no setpriv, which ties processes to the test"
expect_status 0 "$(dirname "$0")/chaos" --build "$BUILD" --seed 5 --mode strict
expect_status 0 "$(dirname "$0")/chaos" --build "$BUILD" --seed 14 --mode default
