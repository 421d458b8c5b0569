#include "lib/fleet/push.h"

#include <fmt/format.h>

#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify::fleet {

using Clock = std::chrono::steady_clock;

Push::Push(Address address, std::string who, std::chrono::milliseconds patience)
    : address_(std::move(address)),
      who_(std::move(who)),
      patience_(patience),
      connection_(io_, address_,
                  {[] {}, [this](const std::string& problem) { problem_ = problem; }}) {
  connection_.open();
}

void Push::add(std::string_view item) {
  if (bytes_ + item.size() > most_bytes) flush();
  items_.emplace_back(item);
  bytes_ += item.size();
  if (items_.size() == most_items) send(false);
}

void Push::finish(bool end) {
  if (end || !items_.empty()) send(end);
  // The server need not remember our calls any more. Where this is lost, it forgets them with the
  // list.
  if (calls_ == 0 || !connection_.is_open()) return;
  bool over = false;
  connection_.call({"HDEL", address_.key("jm"), fmt::format("p{}", who_)},
                   [&](const std::optional<Reply>&) { over = true; });
  while (!over) io_.run_one();
}

/// What was kept, as often as it takes.
void Push::send(bool end) {
  std::vector<std::string> args = {who_, std::to_string(++calls_), end ? "1" : "0", {}};
  args.insert(args.end(), items_.begin(), items_.end());
  const auto until = Clock::now() + patience_;
  for (;;) {
    while (!connection_.is_open()) {
      if (connection_.is_refused()) give_up();
      const auto left = until - Clock::now();
      if (left <= Clock::duration::zero()) give_up();
      io_.run_one_for(left);
    }
    args[3] = connection_.run_id();
    if (const std::optional<Reply> reply = try_call(args)) return take(*reply);
  }
}

/// Nothing: it was lost, and whether it was carried out is not known.
std::optional<Reply> Push::try_call(const std::vector<std::string>& args) {
  std::optional<std::optional<Reply>> answer;
  connection_.call(push_script, {address_.key("jobs"), address_.key("jn"), address_.key("jm")},
                   args, [&](const std::optional<Reply>& reply) { answer = reply; });
  while (!answer) io_.run_one();
  return *answer;
}

void Push::take(const Reply& reply) {
  if (reply.is_error() && reply.text.starts_with("ENDED")) {
    throw Error(
        ExitCode::cannot_create,
        fmt::format("the list of jobs in the fleet {} has ended (gentlify push --end): give "
                    "these to a fleet of another NAME",
                    shell_quote(address_.name)));
  }
  if (reply.kind != Reply::Kind::integer) {
    throw Error(ExitCode::unavailable,
                fmt::format("the engine of the fleet takes no jobs: {}; {} pushed",
                            escape(reply.text), counted(pushed_, "job")));
  }
  pushed_ += items_.size();
  total_ = static_cast<std::uint64_t>(reply.integer);
  items_.clear();
  bytes_ = 0;
}

void Push::give_up() const {
  const ExitCode code = connection_.is_refused() ? ExitCode::no_permission : ExitCode::unavailable;
  throw Error(code,
              fmt::format("{}: {} pushed, and what follows was not, or is not known to be",
                          problem_.empty() ? "the engine of the fleet does not answer" : problem_,
                          counted(pushed_, "job")));
}

}  // namespace gentlify::fleet
