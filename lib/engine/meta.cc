#include "lib/engine/meta.h"

#include <utility>

#include "lib/core/json.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

std::string_view outcome_of(const event::Ended& ended) {
  const Verdict verdict = ended.outcome.verdict;
  // What would have made it run again is not for good.
  return ended.fate == Fate::not_done && verdict != Verdict::stopped ? "dropped" : name(verdict);
}

}  // namespace

void Meta::on_event(const Event& event, Date now) {
  if (const auto* dropped = std::get_if<event::Dropped>(&event)) {
    const Job& job = dropped->job;
    if (job.attempts > 0) settle(job, "dropped", take_last(job.id), job.attempts);
    return;
  }
  const auto* ended = std::get_if<event::Ended>(&event);
  if (ended == nullptr) return;
  const Job& job = ended->job;
  if (!ended->attempted) {
    if (job.attempts == 0 || ended->fate == Fate::fallback) return;
    Attempt last = take_last(job.id);
    last.reason = ended->outcome.reason;
    if (ended->by_fallback) last.exit = ended->outcome.exit;
    return settle(job, outcome_of(*ended), last, job.attempts);
  }
  Attempt last{now - std::chrono::duration_cast<Date::duration>(ended->ran), ended->ran,
               ended->outcome.exit, ended->outcome.reason};
  if (ended->fate == Fate::retry || ended->fate == Fate::fallback) {
    last_.insert_or_assign(job.id, std::move(last));
    return;
  }
  last_.erase(job.id);
  // One that we stopped was taken back.
  const bool stopped = ended->outcome.verdict == Verdict::stopped;
  settle(job, outcome_of(*ended), last, job.attempts + (stopped ? 1 : 0));
}

Meta::Attempt Meta::take_last(JobId job) {
  auto node = last_.extract(job);
  return node.empty() ? Attempt{} : std::move(node.mapped());
}

void Meta::settle(const Job& job, std::string_view outcome, const Attempt& last, int attempts) {
  JsonObject object;
  object.add("seq", number(job.id));
  if (job.line > 0) object.add("line", job.line);
  object.add("command", without_passwords(command_.describe(job))).add("outcome", outcome);
  switch (last.exit.kind) {
    case Exit::Kind::code: object.add("exit", last.exit.value); break;
    case Exit::Kind::signal: object.add("signal", last.exit.value); break;
    case Exit::Kind::unstarted: break;
  }
  object.add("reason", without_passwords(last.reason))
      .add("attempts", attempts)
      .add("start", std::chrono::duration<double>(last.start.time_since_epoch()).count())
      .add("duration", seconds(last.ran));
  lines_.insert_or_assign(job.id, object.text() + '\n');
}

const std::string* Meta::find(JobId job) const {
  const auto line = lines_.find(job);
  return line == lines_.end() ? nullptr : &line->second;
}

}  // namespace gentlify
