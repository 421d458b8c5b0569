#include "lib/control/halt.h"

#include <algorithm>

#include "lib/core/text.h"

namespace gentlify {

void Halt::on_event(const Event& event, TimePoint now) {
  if (const auto* ended = std::get_if<event::Ended>(&event)) return count(ended->fate);
  const auto* circuit = std::get_if<event::CircuitMoved>(&event);
  if (circuit == nullptr) return;
  if (!circuit->open) {
    too_long_at_ = never;
    return;
  }
  if (settings_.on_open) set(Reason::circuit_opened, HaltRule::When::soon);
  const bool opened_before = too_long_at_ != never;
  if (settings_.max_open > Duration{} && !opened_before) {
    too_long_at_ = later(now, settings_.max_open);
  }
}

void Halt::count(Fate fate) {
  if (fate != Fate::done && fate != Fate::failed) return;
  ++completed_;
  if (fate == Fate::failed) ++failed_;
  const HaltRule& rule = settings_.rule;
  const bool enough = rule.percent > 0
                          ? failed_ >= least_failed &&
                                failed_ * 100 >= completed_ * static_cast<unsigned>(rule.percent)
                          : rule.jobs > 0 && failed_ >= rule.jobs;
  if (enough) set(Reason::failures, rule.when);
}

void Halt::set(Reason reason, HaltRule::When when) {
  when_ = std::max(when_, when);
  if (reason_ != Reason::none) return;
  reason_ = reason;
  failed_then_ = failed_;
  completed_then_ = completed_;
}

void Halt::lose_record(const std::string& why) {
  if (lost_record_.empty()) lost_record_ = why;
  set(Reason::no_record, HaltRule::When::soon);
}

HaltRule::When Halt::due(TimePoint now) {
  if (too_long_at_ <= now) set(Reason::circuit_stays_open, HaltRule::When::soon);
  return when_;
}

std::string Halt::why() const {
  switch (reason_) {
    case Reason::none: return {};
    case Reason::failures: {
      std::string text = counted(failed_then_, "job");
      if (settings_.rule.percent > 0)
        text += " of " + std::to_string(completed_then_) + " completed";
      return text + " failed";
    }
    case Reason::circuit_opened: return "the circuit opened";
    case Reason::no_record: return lost_record_;
    case Reason::circuit_stays_open: return "the circuit was open for " + human(settings_.max_open);
  }
  return {};
}

}  // namespace gentlify
