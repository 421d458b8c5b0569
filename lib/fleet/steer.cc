#include "lib/fleet/steer.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <limits>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/fleet/connection.h"
#include "lib/fleet/scripts.h"

namespace gentlify::fleet {

namespace {

using std::chrono::microseconds;

/// One question to a fleet, asked again while the engine is away: no question of ours does harm
/// when it is asked twice.
class Question {
 public:
  Question(const Address& address, std::vector<std::string> args)
      : address_(address),
        args_(std::move(args)),
        connection_(io_, address,
                    {[this] { ask(); },
                     [this](const std::string& problem) {
                       problem_ = problem;
                       if (connection_.is_refused()) io_.stop();
                     }}) {}

  Reply answer(Duration patience) {
    connection_.open();
    io_.run_for(patience);
    connection_.close();
    if (answer_) return *std::move(answer_);
    const bool is_refused = connection_.is_refused();
    throw Error(is_refused ? ExitCode::no_permission : ExitCode::unavailable,
                fmt::format("the fleet {} cannot be asked: {}", address_.name,
                            problem_.empty() ? "nobody answers" : problem_));
  }

 private:
  void ask() {
    connection_.call(steer_script, {address_.key("st"), address_.key("hs"), address_.key("ex")},
                     args_, [this](const std::optional<Reply>& reply) {
                       if (!reply) return;
                       answer_ = *reply;
                       io_.stop();
                     });
  }

  const Address& address_;
  std::vector<std::string> args_;
  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  std::optional<Reply> answer_;
  std::string problem_;
  Connection connection_;
};

}  // namespace

/// An array, read from its head on. Throws Error(bad_data) where it is not what the script gives.
struct Steer::Answer {
  Reply reply;
  std::size_t next = 0;

  bool has_more() const { return next < reply.items.size(); }

  const Reply& take(Reply::Kind kind) {
    if (!has_more() || reply.items[next].kind != kind) {
      throw Error(ExitCode::bad_data, "the engine does not answer as a fleet's does");
    }
    return reply.items[next++];
  }
  std::string text() { return take(Reply::Kind::text).text; }
  std::int64_t integer() { return take(Reply::Kind::integer).integer; }
  /// Nothing is below 0.
  std::uint64_t number() {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, integer()));
  }
  /// From µs; what no clock could count is the longest.
  Duration time() {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return microseconds(static_cast<std::int64_t>(std::min(number(), most / 1000)));
  }
  /// -1: nothing.
  std::optional<Duration> time_if_known() {
    if (has_more() && reply.items[next].integer < 0) return integer(), std::nullopt;
    return time();
  }
};

Steer::Answer Steer::ask(std::vector<std::string> args) const {
  Answer answer{Question(address_, std::move(args)).answer(patience_)};
  if (answer.reply.is_error()) {
    throw Error(ExitCode::bad_data, fmt::format("the engine cannot tell about the fleet {}: {}",
                                                address_.name, escape(answer.reply.text)));
  }
  const std::string status = answer.text();
  if (status == "none") {
    throw Error(ExitCode::no_input,
                fmt::format("there is no fleet {} at that address: no host has been in it, or its "
                            "state was lost",
                            address_.name));
  }
  if (status == "no budget") {
    throw Error(ExitCode::failed_jobs,
                fmt::format("token_budget.max: the fleet {} has no budget", address_.name));
  }
  if (status == "no rate") {
    throw Error(ExitCode::failed_jobs,
                fmt::format("rate: the fleet {} has none: its hosts need a --rate, which may be "
                            "large, to be held by another one",
                            address_.name));
  }
  return answer;
}

Status Steer::status() const {
  Answer answer = ask({"status"});
  Status status;
  status.warm = answer.time();
  status.pause = answer.time_if_known();
  const std::uint64_t circuit = answer.number();
  status.circuit = circuit == 0   ? Status::Circuit::closed
                   : circuit == 1 ? Status::Circuit::open
                                  : Status::Circuit::half_open;
  status.circuit_open = answer.time();
  status.ttl = answer.time();
  status.limit = answer.number();
  const auto take_quota = [&] {
    Quota quota;
    quota.number = answer.number();
    quota.time = answer.time();
    return quota;
  };
  status.rate = take_quota();
  status.budget = take_quota();
  status.set_limit = answer.number();
  status.set_rate = take_quota();
  status.set_budget = answer.number();
  status.held = answer.number();
  status.generation = answer.number();
  status.host_count = answer.number();
  while (answer.has_more()) {
    Status::Host host;
    host.id = answer.text();
    host.held = answer.number();
    host.wants = answer.number() > 0;
    host.heard = answer.time();
    status.hosts.push_back(std::move(host));
  }
  return status;
}

std::optional<Duration> Steer::pause(std::optional<Duration> time) const {
  const auto us = time ? std::chrono::ceil<microseconds>(*time).count() : -1;
  return ask({"pause", std::to_string(us)}).time_if_known();
}

Steer::Resumed Steer::resume() const {
  Answer answer = ask({"resume"});
  Resumed resumed;
  resumed.was_paused = answer.number() == 1;
  resumed.asked = answer.time();
  return resumed;
}

void Steer::set(const std::vector<std::pair<std::string_view, std::uint64_t>>& fields) const {
  std::vector<std::string> args = {"set"};
  for (const auto& [field, value] : fields) {
    args.emplace_back(field);
    args.push_back(std::to_string(value));
  }
  ask(std::move(args));
}

}  // namespace gentlify::fleet
