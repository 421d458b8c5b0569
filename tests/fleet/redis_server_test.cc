#include "tests/fleet/redis_server.h"

#include "tests/unit/catch.h"

TEST_CASE("a server of a test's own listens, and can be started again on its port") {
  RedisServer server;
  const auto port = server.port();
  REQUIRE(server.pid() > 0);
  server.kill();
  server.start();
  CHECK(server.port() == port);
}
