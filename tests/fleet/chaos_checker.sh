#!/usr/bin/env bash
# The checker of the chaos test finds each violation in made-up logs, and none where there is none.
. "$(dirname "$0")/../lib.sh"

expect_status 0 "$(dirname "$0")/chaos" --self-test
