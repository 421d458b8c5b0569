// A fleet for tests of the SYNC script: hosts that are one struct each, on a real server whose
// clock stands still until the test moves it.
#pragma once

#include <optional>
#include <string>

#include "lib/fleet/sync_call.h"
#include "tests/fleet/redis_client.h"
#include "tests/fleet/redis_server.h"

namespace gentlify::test {

/// One for all test cases of the program that do not end it.
RedisServer& shared_server();

/// What a test sets once for all hosts.
struct FleetLimits {
  std::uint64_t limit = 0;
  Rate rate{};
  Cost burst = 1;
  Rate budget{};
};

/// The next call of a host. The test changes what it likes before it calls.
struct Host {
  fleet::SyncRequest next;
  /// When its last answered call was sent, by a clock that nobody sets.
  Duration asked{};
};

class SyncFleet {
 public:
  /// An empty fleet, cold. Its name is new.
  explicit SyncFleet(FleetLimits limits, RedisServer& server = shared_server());

  Host host();
  /// Calls: the sequence rises, and what the host knows of the time is filled in. Nothing: no reply
  /// of the script.
  std::optional<fleet::SyncReply> try_call(Host& host);
  /// The same, where the reply must be "ok"; generation, and `held` with what was granted, are
  /// kept.
  fleet::SyncReply call(Host& host);
  /// The raw reply to this request.
  fleet::Reply send(const fleet::SyncRequest& request);

  /// True time passes, and the server's clock sees it.
  void pass(Duration time) { true_ += time, server_ += time; }
  /// The server's clock is set.
  void step_clock(Duration by) { server_ += by; }
  /// The time that truly has passed.
  Duration now() const { return true_; }
  /// The fleet was new and its first ttl is over; the bucket is as empty as then.
  void warm_up();

  RedisClient& client() { return client_; }
  std::string key(const std::string& end) const { return address_.key(end); }

  static constexpr Duration ttl = std::chrono::seconds(15);

 private:
  FleetLimits limits_;
  RedisClient client_;
  fleet::Address address_;
  std::string run_id_;
  std::string sha_;
  Duration true_{};
  Duration server_ = std::chrono::hours(24 * 365 * 50);
  int hosts_ = 0;
};

/// A fleet that is past its first ttl.
inline SyncFleet warm_fleet(FleetLimits limits) {
  SyncFleet fleet(limits);
  fleet.warm_up();
  return fleet;
}

/// The host asks for slots once, and for nothing afterwards.
inline std::uint64_t take(SyncFleet& fleet, Host& host, std::uint64_t want) {
  host.next.want = want;
  const std::uint64_t granted = fleet.call(host).granted;
  host.next.want = 0;
  return granted;
}

/// Each call takes a microsecond of the fleet's time, the test's clock standing still.
inline bool is_about(std::optional<Duration> d, Duration expected) {
  return d && *d <= expected && *d > expected - std::chrono::milliseconds(1);
}

}  // namespace gentlify::test
