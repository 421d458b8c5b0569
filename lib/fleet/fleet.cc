#include "lib/fleet/fleet.h"

#include <algorithm>
#include <utility>

namespace gentlify::fleet {

Fleet::Fleet(boost::asio::io_context& io, const Address& address, const Settings& settings,
             Member& member, Permits& permits, JobList* list, Run run)
    : settings_(settings),
      member_(member),
      permits_(permits),
      list_(list),
      run_(std::move(run)),
      keys_(sync_keys(address)),
      connection_(
          io, address,
          {[this] { on_opened(); },
           [this](const std::string& problem) { member_.on_closed(problem, run_.now()); }}) {
  if (list_ == nullptr) return;
  for (const std::string_view end : list_->keys()) list_keys_.push_back(address.key(end));
}

void Fleet::on_opened() {
  member_.on_opened(connection_.run_id(), run_.now());
  if (list_ != nullptr) list_->on_open(connection_.run_id());
}

bool Fleet::is_settled() const {
  return member_.has_joined() || !member_.other_config().empty() || connection_.is_refused();
}

void Fleet::before_starts(TimePoint now) {
  permits_.set_stopped(run_.stopped());
  if (member_.is_fenced_now(now) && settings_.strict) {
    // Counted from the fence: after a stop nothing of it may be left.
    const Duration grace = settings_.ttl / 100 * 3;
    const Duration left = later(permits_.fence(), grace) - permits_.real(now);
    run_.stop_for_now(std::clamp(left, Duration{}, grace));
  }
  if (settings_.strict) run_.set_fence(member_.deadline(now));
  if (list_ != nullptr) check_list();
}

/// What others may have been given since does not start here.
void Fleet::check_list() {
  if (member_.take_lapse()) list_->on_lapse();
  for (const JobId job : list_->gone()) run_.withdraw(job);
  permits_.set_unsure(list_->is_unsure());
}

void Fleet::after_starts(TimePoint now) {
  if (!member_.other_config().empty()) run_.end();
  if (settings_.max_outage > Duration{} && member_.has_joined() &&
      member_.outage(now) >= settings_.max_outage) {
    given_up_ = true;
    run_.end();
  }
  if (list_ != nullptr) call_list(now);
  if (leaves_) return say_farewell();
  if (const auto request = member_.call(now)) call(*request);
}

/// Only who is known to the fleet can have jobs; who may have been forgotten by it tells no more
/// than what it has done.
bool Fleet::may_call_list() const {
  return list_ != nullptr && member_.is_known() && (leaves_ || !member_.is_fenced());
}

void Fleet::call_list(TimePoint now) {
  if (list_->problem().code != ExitCode::ok) run_.end();
  if (!may_call_list()) return;
  const auto arguments = list_->next_call(now);
  if (!arguments) return;
  connection_.call(list_->script(), list_keys_, *arguments, [this](const auto& reply) {
    if (reply && !reply->is_error()) {
      list_->on_reply(*reply, run_.now());
    } else {
      list_->on_lost(run_.now());
    }
  });
}

void Fleet::call(const SyncRequest& request) {
  connection_.call(sync_script, keys_, arguments(request), [this](const auto& reply) {
    if (!reply) return member_.on_reply({}, run_.now());
    if (const auto understood = parse_sync_reply(*reply)) {
      member_.on_reply(understood, run_.now());
    } else {
      member_.on_failed(reply->is_error() ? reply->text : "an answer of another kind", run_.now());
    }
  });
}

TimePoint Fleet::next() const {
  const TimePoint now = run_.now();
  TimePoint at = leaves_ ? never : member_.next(now);
  if (at != never) at -= run_.stopped();
  if (may_call_list()) at = std::min(at, list_->next());
  if (settings_.max_outage > Duration{} && !given_up_ && member_.outage(now) > Duration{}) {
    at = std::min(at, later(now, settings_.max_outage - member_.outage(now)));
  }
  return at;
}

void Fleet::leave() {
  leaves_ = true;
  if (list_ != nullptr) list_->leave();
}

/// Last of all, since jobs can be given back only by who is known.
void Fleet::say_farewell() {
  gone_ = gone_ || !connection_.is_open();
  const bool lists = list_ != nullptr && list_->problem().code == ExitCode::ok;
  if (gone_ || said_ || (lists && !list_->has_left())) return;
  said_ = true;
  connection_.call(sync_script, keys_, arguments(member_.farewell(run_.now())),
                   [this](const auto&) { gone_ = true; });
}

}  // namespace gentlify::fleet
