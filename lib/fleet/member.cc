#include "lib/fleet/member.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "lib/core/text.h"

namespace gentlify::fleet {

namespace {

/// Calls are not closer together than this, but for the first one.
constexpr Duration breath = std::chrono::milliseconds(5);
/// While jobs run.
constexpr Duration report_each = std::chrono::milliseconds(250);
/// Places that are not needed are kept for so long.
constexpr Duration spare_for = std::chrono::milliseconds(20);
/// V of the bound on the rate.
constexpr Duration permit_life = std::chrono::milliseconds(500);
/// How far ahead permits are asked for.
constexpr Duration ahead = std::chrono::milliseconds(50);
constexpr int most_ahead = 1024;
/// Fewer starts than these within that time are asked for as they come.
constexpr int few = 4;
/// After an answer that makes no sense.
constexpr Duration patience = std::chrono::seconds(1);
/// An unused permit was granted no longer ago than this.
constexpr Duration long_ago = std::chrono::seconds(1);

Duration part(Duration d, int percent) {
  return d / 100 * percent;
}

}  // namespace

Member::Member(Settings settings, const Scheduler& scheduler, Permits& permits, EventSink& sink)
    : settings_(std::move(settings)), scheduler_(scheduler), permits_(permits), sink_(sink) {
  permits_.hold(Permits::Hold::away, never);
}

void Member::on_event(const Event& event, TimePoint now) {
  const TimePoint t = permits_.real(now);
  if (const auto* started = std::get_if<event::Started>(&event)) {
    recent_starts(t);
    ++starts_now_;
    granted_[started->job.id] = fleet_now_;
  } else if (const auto* ended = std::get_if<event::Ended>(&event)) {
    if (ended->attempted) count_end(*ended, t);
  } else if (const auto* starved = std::get_if<event::Starved>(&event)) {
    granted_.erase(starved->job.id);
  } else if (const auto* circuit = std::get_if<event::CircuitMoved>(&event)) {
    if (circuit->open) ++opened_;
    open_until_ = circuit->open ? permits_.real(circuit->until) : TimePoint{};
    news_ = true;
  } else if (const auto* paused = std::get_if<event::Paused>(&event)) {
    // One by hand is this host's alone.
    const bool shared = paused->on && !paused->by_hand && paused->until != never;
    pause_until_ = shared ? permits_.real(paused->until) : TimePoint{};
    news_ = news_ || shared;
  }
}

void Member::count_end(const event::Ended& ended, TimePoint t) {
  const bool fresh = t - ended.ran >= generation_since_;
  const Verdict verdict = ended.outcome.verdict;
  if (fresh && verdict == Verdict::success) ++ok_;
  if (fresh && verdict == Verdict::overload) ++overload_;
  if (fresh && (verdict == Verdict::failure || verdict == Verdict::overload)) ++failed_;
  news_ = news_ || verdict == Verdict::overload;
  settle_cost(ended);
}

void Member::settle_cost(const event::Ended& ended) {
  const auto granted = granted_.extract(ended.job.id);
  if (!ended.outcome.cost || !granted) return;
  const Cost actual = *ended.outcome.cost;
  const Cost expected = ended.job.cost;
  if (actual > expected) {
    overrun_ += actual - expected;
  } else if (actual < expected) {
    surplus_ += expected - actual;
    surplus_since_ = std::min(surplus_since_, granted.mapped());
  }
}

/// In this span of 50 ms and the last one.
int Member::recent_starts(TimePoint t) const {
  if (t - window_ >= 2 * ahead) {
    starts_before_ = starts_now_ = 0;
    window_ = t;
  } else if (t - window_ >= ahead) {
    starts_before_ = std::exchange(starts_now_, 0);
    window_ += ahead;
  }
  return std::max(starts_before_, starts_now_);
}

Member::Needs Member::needs(TimePoint now) const {
  Needs needs;
  const bool gives = later(spare_since_, spare_for) <= permits_.real(now);
  const int wanted = scheduler_.wanted(now);
  const int in_flight = scheduler_.in_flight();
  const bool may_idle = permits_.held() == Permits::Hold::none && !fenced_;
  const int idle = may_idle ? std::max(0, permits_.slots() - in_flight) : 0;
  needs.held = in_flight + (gives ? std::min(idle, wanted) : idle);
  needs.want = std::max(0, wanted - idle);
  needs.spare = idle > wanted;
  if (!permits_.metered()) return needs;
  const int recent = recent_starts(permits_.real(now));
  const int target = std::min(std::max(wanted, recent >= few ? 2 * recent : 0), most_ahead);
  const int usable = permits_.usable(now);
  if (usable < std::max(1, target / 2)) needs.starts = std::max(0, target - usable);
  return needs;
}

/// When to call, by the clock that goes on.
TimePoint Member::due(const Needs& needs) const {
  if (run_id_.empty() || calling_) return never;
  if (!knows_) return not_before_;
  TimePoint at = answered_ + settings_.ttl / 3;
  // Others wait for what is given back.
  if (news_ || needs.held < told_held_) at = std::min(at, replied_ + breath);
  if (scheduler_.running() > 0) at = std::min(at, replied_ + report_each);
  if (needs.want > 0 || needs.starts > 0) {
    at = std::min(at, std::max(replied_ + breath, retry_));
  }
  if (spare_since_ != never) {
    at = std::min(at, std::max(replied_ + breath, later(spare_since_, spare_for)));
  }
  return std::max(at, not_before_);
}

std::optional<SyncRequest> Member::call(TimePoint now) {
  const TimePoint t = permits_.real(now);
  const Needs needs = this->needs(now);
  spare_since_ = needs.spare ? std::min(spare_since_, t) : never;
  if (due(needs) > t) return {};
  request_ = make(needs, t);
  // What is given back is the others' from now on.
  permits_.set_slots(std::min(permits_.slots(), needs.held));
  told_held_ = needs.held;
  spare_since_ = never;
  news_ = false;
  calling_ = true;
  sent_ = t;
  return request_;
}

SyncRequest Member::farewell(TimePoint now) {
  SyncRequest request = make({}, permits_.real(now));
  request.op = SyncRequest::Op::leave;
  return request;
}

SyncRequest Member::make(const Needs& needs, TimePoint t) {
  if (permits_.budget() != nullptr) {
    if (const Cost unused = permits_.take_unused(); unused > 0) {
      surplus_ += unused;
      surplus_since_ = std::min(surplus_since_, std::max(Duration{}, fleet_now_ - long_ago));
    }
  }
  SyncRequest request;
  request.host = settings_.host;
  request.seq = ++seq_;
  request.run_id = run_id_;
  request.ttl = settings_.ttl;
  if (joined_) {
    request.told = fleet_now_;
    request.since = t - answered_;
  }
  request.config = settings_.config;
  request.reset = settings_.reset && !joined_;
  request.limit = static_cast<std::uint64_t>(settings_.limit);
  if (const Pacer::Settings* rate = permits_.rate()) {
    request.rate = rate->rate;
    request.burst = rate->mode == Pacer::Mode::burst ? rate->burst : 1;
    if (rate->unit == Pacer::Unit::cost) request.rate_cost = permits_.wanted_cost();
  }
  if (const TokenBudget* budget = permits_.budget()) request.budget = budget->limit();
  request.budget_cost = permits_.wanted_cost();
  request.held = static_cast<std::uint64_t>(needs.held);
  request.want = static_cast<std::uint64_t>(needs.want);
  request.starts = static_cast<std::uint64_t>(needs.starts);
  request.generation = generation_;
  request.ok = ok_;
  request.overload = overload_;
  // Of this generation alone.
  const double odds = scheduler_.log_odds();
  earlier_odds_ = std::min(earlier_odds_, odds);
  request.odds = odds - earlier_odds_;
  request.overrun = overrun_;
  request.surplus = surplus_;
  request.surplus_since = surplus_since_ == Duration::max() ? fleet_now_ : surplus_since_;
  request.opened = opened_;
  request.open = std::max(Duration{}, open_until_ - t);
  request.probes = settings_.probes;
  request.failed = failed_;
  request.pause = std::max(Duration{}, pause_until_ - t);
  request.adaptive = settings_.adaptive;
  return request;
}

void Member::on_opened(const std::string& run_id, TimePoint) {
  run_id_ = run_id;
  calling_ = knows_ = false;
}

void Member::on_closed(const std::string& problem, TimePoint now) {
  run_id_.clear();
  calling_ = false;
  problem_ = problem;
  const TimePoint t = permits_.real(now);
  if (away_since_ == never) away_since_ = t;
  permits_.hold(Permits::Hold::away, never);
  if (!joined_ || told_ == event::FleetMoved::State::fenced) return;
  if (settings_.alone) permits_.go_alone(settings_.alone->slots, settings_.alone->rate);
  tell(settings_.alone ? event::FleetMoved::State::alone : event::FleetMoved::State::away, {}, now);
}

void Member::on_reply(const std::optional<SyncReply>& reply, TimePoint now) {
  calling_ = false;
  replied_ = permits_.real(now);
  if (!reply || reply->status == SyncReply::Status::stale) return;
  if (reply->status == SyncReply::Status::config) {
    other_config_ = reply->theirs;
    permits_.hold(Permits::Hold::away, never);
    return;
  }
  learn(*reply, now);
}

void Member::on_failed(const std::string& answer, TimePoint now) {
  calling_ = false;
  not_before_ = later(permits_.real(now), patience);
  permits_.hold(Permits::Hold::away, never);
  problem_ = "the engine cannot do what a fleet needs: " + escape(answer);
  if (away_since_ == never) away_since_ = permits_.real(now);
  if (joined_) tell(event::FleetMoved::State::away, {}, now);
}

void Member::learn(const SyncReply& reply, TimePoint now) {
  using State = event::FleetMoved::State;
  const TimePoint t = permits_.real(now);
  // Where this process was stopped nobody may have looked at the fence as it passed.
  lapsed_ = lapsed_ || (joined_ && t >= permits_.fence());
  joined_ = knows_ = true;
  fenced_ = false;
  away_since_ = never;
  answered_ = sent_;
  fleet_now_ = reply.now;
  hosts_ = reply.hosts;
  if (generation_ != reply.generation) {
    generation_since_ = t;
    earlier_odds_ = scheduler_.log_odds();
  }
  generation_ = reply.generation;
  surplus_since_ = Duration::max();
  retry_ = reply.retry > Duration{} ? later(t, reply.retry) : t;
  permits_.end_alone();
  permits_.set_fence(sent_ + part(settings_.ttl, 90));
  take(reply, t);
  const bool warm = reply.state == FleetState::warm;
  tell(warm ? State::warm : State::joined,
       warm ? reply.state_left.value_or(Duration{}) : Duration{}, now);
}

/// What was given.
void Member::take(const SyncReply& reply, TimePoint t) {
  const TimePoint until = reply.state_left ? later(t, *reply.state_left) : never;
  const auto granted = static_cast<int>(std::min<std::uint64_t>(reply.granted, no_cap));
  const auto cap = static_cast<int>(std::min<std::uint64_t>(reply.cap, no_cap));
  int slots = static_cast<int>(request_.held) + granted;
  // Where there are fewer places than hosts, they go round. One that was just given is used first.
  if (slots > cap && granted == 0) slots = cap > 0 ? cap : slots - 1;
  switch (reply.state) {
    case FleetState::open: permits_.release(); break;
    case FleetState::warm: permits_.hold(Permits::Hold::warm, until); break;
    case FleetState::paused: permits_.hold(Permits::Hold::paused, until); break;
    case FleetState::circuit_open: permits_.hold(Permits::Hold::circuit, until); break;
    case FleetState::half_open:
      permits_.release();
      slots = static_cast<int>(request_.held) + granted;
      break;
  }
  permits_.set_slots(slots);
  told_held_ += granted;
  const Pacer::Settings* rate = permits_.rate();
  const bool by_cost =
      permits_.budget() != nullptr || (rate != nullptr && rate->unit == Pacer::Unit::cost);
  const Cost cost = by_cost ? request_.budget_cost : std::numeric_limits<Cost>::max();
  permits_.add({static_cast<int>(std::min<std::uint64_t>(reply.starts, most_ahead)),
                later(t, reply.delay), reply.spacing, sent_ + permit_life, cost});
}

void Member::tell(event::FleetMoved::State state, Duration wait, TimePoint now) {
  if (told_ == state) return;
  told_ = state;
  sink_.on_event(event::FleetMoved{state, settings_.name, static_cast<int>(hosts_), wait, problem_},
                 now);
}

bool Member::is_fenced_now(TimePoint now) {
  if (!joined_ || fenced_ || permits_.real(now) < permits_.fence()) return false;
  fenced_ = lapsed_ = true;
  if (settings_.strict && scheduler_.running() > 0) {
    tell(event::FleetMoved::State::fenced, {}, now);
  }
  return true;
}

TimePoint Member::deadline(TimePoint now) const {
  const bool may_run = scheduler_.running() > 0 || permits_.real(now) < permits_.fence();
  return joined_ && may_run ? answered_ + part(settings_.ttl, 97) : never;
}

Duration Member::outage(TimePoint now) const {
  return away_since_ == never ? Duration{} : permits_.real(now) - away_since_;
}

TimePoint Member::next(TimePoint now) const {
  TimePoint at = due(needs(now));
  if (joined_ && !fenced_) at = std::min(at, permits_.fence());
  return at;
}

}  // namespace gentlify::fleet
