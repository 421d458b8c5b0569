#!/usr/bin/env bash
# The parts of a fleet against a real redis-server, which they start themselves.
set -euo pipefail
command -v redis-server >/dev/null || {
  echo "SKIP: there is no redis-server"
  exit 77
}
exec "$BUILD/fleet_tests"
