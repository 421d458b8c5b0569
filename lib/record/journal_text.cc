#include "lib/record/journal_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "lib/core/json.h"
#include "lib/core/overloaded.h"
#include "lib/core/text.h"
#include "lib/record/journal_line.h"

namespace gentlify {

namespace {

using std::chrono::microseconds;

/// So much of a command or a setting is told, in columns.
constexpr std::size_t longest_text = 4096;

/// Seconds with six decimals.
template <typename Rep, typename Period>
std::string decimal(std::chrono::duration<Rep, Period> d) {
  const auto us = std::max<std::int64_t>(0, std::chrono::duration_cast<microseconds>(d).count());
  return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

/// Of this start of the machine; empty where the kernel does not say.
std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::string object_of(const std::vector<Label>& labels) {
  JsonObject object;
  for (const Label& label : labels) object.add(label.name, clip(label.value, longest_text));
  return object.text();
}

}  // namespace

#define ADD(...) fmt::format_to(std::back_inserter(text_), __VA_ARGS__)

void JournalText::begin(std::string_view type) {
  begin_ = text_.size();
  ADD(R"({{"t":"{}")", type);
}

void JournalText::at() {
  ADD(R"(,"at":{})", decimal(settings_.clock().time_since_epoch()));
}

void JournalText::end() {
  seal(text_, begin_);
}

void JournalText::head(const record::Head& head, const Session& session) {
  JsonObject settings;
  for (const auto& [name, value] : session.settings) {
    settings.add(name, clip(without_passwords(value), longest_text));
  }
  begin("head");
  ADD(R"(,"format":1,"version":{},"run":"{}","session":{},"identity":"{}","boot":{},"pid":{})",
      json_string(session.version), hex(head.run), head.session, name(head.known),
      json_string(boot_id()), ::getpid());
  at();
  ADD(R"(,"command":"{}","mode":"{}","cwd":"{}")", hex(head.command), hex(head.mode),
      hex(head.directory));
  if (head.seed) ADD(R"(,"seed":"{}")", hex(*head.seed));
  ADD(R"(,"labels":{},"settings":{})", object_of(session.labels), settings.text());
  end();
}

void JournalText::block(const record::Block& block) {
  begin("block");
  ADD(R"(,"first":{},"items":{},"hash":"{}")", block.first, block.items, hex(block.hash));
  if (block.last) ADD(R"(,"last":true)");
  end();
}

/// Which job it is. Without a journal nobody knows.
void JournalText::identity(const Job& job) {
  if (job.identity == Identity{}) return;
  ADD(R"(,"job":"{}")", hex(job.identity));
  if (known_ == Known::by_content) ADD(R"(,"key":"{}")", hex(job.key));
  if (job.failed_before) ADD(R"(,"again":true)");
}

void JournalText::started(const event::Started& e) {
  const Job& job = e.job;
  begin("start");
  ADD(R"(,"seq":{},"try":{},"slot":{})", number(job.id), job.earlier_attempts + job.attempts,
      e.slot);
  at();
  identity(job);
  if (settings_.command_of) {
    ADD(R"(,"command":{})",
        json_string(clip(without_passwords(settings_.command_of(job)), longest_text)));
  }
  end();
}

void JournalText::ended(const event::Ended& e) {
  const Job& job = e.job;
  const Outcome& outcome = e.outcome;
  const bool settled = e.fate == Fate::done || e.fate == Fate::failed;
  if (settled && job.failed_before) --settings_.failed;
  if (e.fate == Fate::done) ++settings_.done;
  if (e.fate == Fate::failed) ++settings_.failed;
  // One that was stopped was taken back.
  const int taken_back = outcome.verdict == Verdict::stopped ? 1 : 0;
  begin("end");
  ADD(R"(,"seq":{},"try":{})", number(job.id),
      e.attempted ? job.earlier_attempts + job.attempts + taken_back : 0);
  at();
  ADD(R"(,"ran":{},"outcome":"{}","fate":"{}")", decimal(e.ran), name(outcome.verdict),
      name(e.fate));
  if (e.attempted) {
    switch (outcome.exit.kind) {
      case Exit::Kind::code: ADD(R"(,"exit":{})", outcome.exit.value); break;
      case Exit::Kind::signal: ADD(R"(,"signal":{})", outcome.exit.value); break;
      case Exit::Kind::unstarted: ADD(R"(,"errno":{})", outcome.exit.value); break;
    }
  } else {
    if (e.by_fallback) ADD(R"(,"by_fallback":true)");
    identity(job);
  }
  ADD(R"(,"reason":{},"cost":{},"wait":{},"gate":"{}","failures":{},"overloads":{})",
      json_string(without_passwords(outcome.reason)), outcome.cost.value_or(job.cost),
      decimal(e.waited), name(e.gate), job.failures, job.overloads);
  if (settings_.last_lines && !outcome.last_line.empty()) {
    ADD(R"(,"last_line":{})", json_string(without_passwords(outcome.last_line)));
  }
  end();
}

void JournalText::state(std::string_view what) {
  begin("state");
  at();
  ADD(R"(,"what":"{}")", what);
}

void JournalText::event(const Event& event, TimePoint now) {
  const auto until = [&](TimePoint t) {
    return t == never ? std::string("null") : decimal(t - now);
  };
  std::visit(
      Overloaded{
          [&](const event::Started& e) { started(e); },
          [&](const event::Ended& e) { ended(e); },
          [](const event::Dropped&) {},
          [&](const event::Adjusted& e) {
            using Kind = event::Adjusted::Kind;
            state(e.kind == Kind::cut ? "cut" : e.kind == Kind::step ? "step" : "ramp");
            ADD(R"(,"limit":{},"limit_before":{},"interval":{},"interval_before":{},"seq":{})",
                e.limit, e.limit_before, decimal(e.interval), decimal(e.interval_before),
                number(e.job.id));
            end();
          },
          [&](const event::Starved& e) {
            state("starved");
            ADD(R"(,"seq":{},"errno":{},"cap":{})", number(e.job.id), e.error, e.cap);
            end();
          },
          [&](const event::Paused& e) {
            state("pause");
            ADD(R"(,"on":{},"for":{},"by_hand":{})", e.on, e.on ? until(e.until) : "0", e.by_hand);
            end();
          },
          [&](const event::CircuitMoved& e) {
            state("circuit");
            ADD(R"(,"open":{},"again":{},"for":{},"failures":{})", e.open, e.again,
                e.open ? until(e.until) : "0", e.failures);
            end();
          },
          [&](const event::JobsBlamed& e) {
            state("jobs_blamed");
            ADD(R"(,"on":{})", e.on);
            end();
          },
          [&](const event::Changed& e) {
            state("set");
            ADD(R"(,"key":{},"value":{})", json_string(e.key), json_string(e.value));
            end();
          },
          [&](const event::FleetMoved& e) {
            state("fleet");
            ADD(R"(,"state":"{}","name":{},"hosts":{},"for":{},"why":{})", name(e.state),
                json_string(e.name), e.hosts, decimal(e.wait), json_string(e.why));
            end();
          },
          [&](const event::Draining& e) {
            state("drain");
            ADD(R"(,"running":{})", e.in_flight);
            end();
          },
          [&](const event::Stopping& e) {
            state(e.grace == Duration{} ? "kill" : "stop");
            ADD(R"(,"running":{})", e.in_flight);
            end();
          },
      },
      event);
}

void JournalText::close(int exit) {
  begin("close");
  at();
  ADD(R"(,"done":{},"failed":{},"exit":{})", settings_.done, settings_.failed, exit);
  end();
}

#undef ADD

}  // namespace gentlify
