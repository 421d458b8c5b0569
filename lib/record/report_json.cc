#include "lib/record/report_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>

#include "lib/core/json.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr std::size_t histogram_bars = 48;
constexpr std::size_t shown_groups = 200;

/// What comes from outside, so that it shows what is in it.
std::string text(std::string_view text) {
  return json_string(escape(text));
}

std::string time(Duration d) {
  return fmt::format("{:.6f}", seconds(d));
}

/// Six digits tell more than a pixel does.
std::string number(double n) {
  return std::isfinite(n) ? fmt::format("{:.6g}", n) : "null";
}

/// Of each of `all` what `of` makes of it, as an array.
template <typename All, typename Of>
std::string array(const All& all, Of of) {
  std::string out = "[";
  for (const auto& one : all) {
    if (out.size() > 1) out += ',';
    out += of(one);
  }
  return out += ']';
}

std::string pairs(const std::vector<std::pair<std::string, std::string>>& all) {
  return array(all, [](const auto& pair) {
    return fmt::format("[{},{}]", text(pair.first), text(pair.second));
  });
}

std::string attempts(const RunReport& report) {
  JsonObject object;
  for (std::size_t i = 0; i < verdict_count; ++i) {
    object.add(name(static_cast<Verdict>(i)), report.attempts[i]);
  }
  return object.add("unfinished", report.unfinished)
      .add("running", report.running)
      .add("ended", report.ended_attempts())
      .text();
}

std::string session(const RunReport::Session& session) {
  return JsonObject()
      .add("number", session.number)
      .add("version", escape(session.version))
      .add_raw("at", time(session.wall))
      .add_raw("begin", time(session.begin))
      .add_raw("end", time(session.end))
      .add("done", session.done)
      .add("failed", session.failed)
      .add("attempts", session.attempts)
      .add_raw("exit", session.exit ? std::to_string(*session.exit) : "null")
      .text();
}

/// A mean over the time for which it was known.
std::string mean(double sum, Duration known) {
  return known == Duration{} ? "null" : number(sum / static_cast<double>(known.count()));
}

std::string buckets(const RunReport& report) {
  const ReportBuckets& buckets = report.buckets;
  const Duration end = report.length();
  JsonObject object;
  object.add_raw("width", time(buckets.width())).add("count", buckets.all().size());
  const auto column = [&](std::string_view name,
                          const std::function<std::string(const ReportBucket&)>& of) {
    object.add_raw(name, array(buckets.all(), of));
  };
  column("starts", [](const ReportBucket& b) { return std::to_string(b.starts); });
  for (std::size_t i = 0; i < verdict_count; ++i) {
    column(name(static_cast<Verdict>(i)),
           [i](const ReportBucket& b) { return std::to_string(b.ends[i]); });
  }
  // The last bucket is only as long as the run was.
  const auto last = static_cast<Duration::rep>(std::max<std::size_t>(buckets.all().size(), 1) - 1);
  const Duration last_length = std::max(Duration(1), end - buckets.width() * last);
  const ReportBucket* const last_one = buckets.all().empty() ? nullptr : &buckets.all().back();
  column("running", [&](const ReportBucket& b) {
    return mean(b.running, &b == last_one ? last_length : buckets.width());
  });
  column("most", [](const ReportBucket& b) { return std::to_string(b.most_running); });
  column("limit", [](const ReportBucket& b) { return mean(b.limit, b.limit_known); });
  // Starts a second that the law allows; where it spaces none there is no such number.
  column("allowed", [](const ReportBucket& b) {
    if (b.interval_known == Duration{} || b.interval <= 0) return std::string("null");
    return number(1e9 * static_cast<double>(b.interval_known.count()) / b.interval);
  });
  column("cuts", [](const ReportBucket& b) { return std::to_string(b.cuts); });
  object.add_raw("last_width", time(std::min(last_length, buckets.width())));
  return object.text();
}

std::string spread(const ReportSpread& spread, const ReportSpread* bad) {
  JsonObject object;
  object.add("count", spread.count())
      .add("sum", spread.seconds())
      .add_raw("mean", time(spread.mean()))
      .add_raw("min", time(spread.least()))
      .add_raw("max", time(spread.most()));
  for (const int p : {50, 90, 95, 99}) {
    object.add_raw(fmt::format("p{}", p), time(spread.quantile(p / 100.0)));
  }
  const auto bars = spread.bars(histogram_bars);
  object.add_raw("to", array(bars, [](const auto& bar) { return time(bar.to); }))
      .add_raw("counts", array(bars, [](const auto& bar) { return std::to_string(bar.count); }));
  if (bad != nullptr) {
    object.add_raw("bad", array(bad->counts_in(spread, histogram_bars),
                                [](std::uint64_t n) { return std::to_string(n); }));
  }
  return object.text();
}

std::string gates(const RunReport& report) {
  std::vector<std::pair<Duration, std::string_view>> all;
  for (std::size_t i = 0; i < gate_count; ++i) {
    if (report.waited[i] > Duration{}) {
      all.emplace_back(report.waited[i], name(static_cast<Gate>(i)));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  return array(all, [](const auto& gate) {
    return fmt::format("[\"{}\",{}]", gate.second, time(gate.first));
  });
}

/// Times are whole numbers of `unit`, of which a run has about a million.
std::string timeline(const RunReport& report) {
  Duration unit = std::chrono::microseconds(1);
  while (report.length() / unit > 4'000'000) unit *= 10;
  std::vector<std::pair<std::size_t, const ReportBar*>> all;
  for (std::size_t slot = 0; slot < report.bars.slots().size(); ++slot) {
    for (const ReportBar& bar : report.bars.slots()[slot]) all.emplace_back(slot + 1, &bar);
  }
  JsonObject object;
  object.add_raw("unit", number(seconds(unit)))
      .add("slots", report.bars.slots().size())
      .add_raw("joined", time(report.bars.quantum()))
      .add("left_out", report.bars.left_out());
  const auto column = [&](std::string_view name,
                          const std::function<std::int64_t(const ReportBar&)>& of) {
    object.add_raw(name,
                   array(all, [&](const auto& one) { return std::to_string(of(*one.second)); }));
  };
  object.add_raw("slot", array(all, [](const auto& one) { return std::to_string(one.first); }));
  column("from", [&](const ReportBar& b) { return b.from / unit; });
  column("length", [&](const ReportBar& b) { return b.to / unit - b.from / unit; });
  column("busy", [&](const ReportBar& b) { return b.busy / unit; });
  column("seq", [](const ReportBar& b) { return static_cast<std::int64_t>(b.seq); });
  column("try", [](const ReportBar& b) { return b.attempt; });
  column("kind", [](const ReportBar& b) { return static_cast<std::int64_t>(b.kind); });
  column("count", [](const ReportBar& b) { return static_cast<std::int64_t>(b.count); });
  column("bad", [](const ReportBar& b) { return static_cast<std::int64_t>(b.bad); });
  return object.text();
}

std::string group(const ReportFailures::Group& group) {
  return JsonObject()
      .add("ended", group.ended)
      .add("outcome", name(group.verdict))
      .add("reason", escape(group.reason))
      .add("last_line", escape(group.last_line))
      .add("attempts", group.attempts)
      .add("jobs", group.jobs)
      .add_raw("first", array(group.first, [](std::uint64_t seq) { return std::to_string(seq); }))
      .add_raw("from", time(group.from))
      .add_raw("to", time(group.to))
      .text();
}

std::string failures(const RunReport& report) {
  auto groups = report.failures.sorted();
  const std::size_t all = groups.size();
  groups.resize(std::min(all, shown_groups));
  return JsonObject()
      .add("groups", all)
      .add("masked", report.failures.masked())
      .add("lumped", report.failures.lumped())
      .add_raw("list", array(groups, [](const auto* one) { return group(*one); }))
      .text();
}

std::string without_tags(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string report_data(const RunReport& report) {
  JsonObject object;
  object.add("format", 1)
      .add("run", escape(report.run))
      .add("jobs", report.jobs())
      .add("all_items", report.all_items)
      .add("done", report.done)
      .add("failed", report.failed)
      .add("left", report.left())
      .add("repeated", report.repeated)
      .add("by_fallback", report.saved)
      .add("without_attempt", report.without_attempt)
      .add_raw("attempts", attempts(report))
      .add("cuts", report.cuts)
      .add("starved", report.starved)
      .add("cost", report.cost)
      .add("most_running", report.most_running)
      .add_raw("seconds", time(report.length()))
      .add_raw("rate", number(report.rate()))
      .add("more_sessions", report.more_sessions);
  object.add_raw("sessions", array(report.sessions, session))
      .add_raw("labels", array(report.labels,
                               [](const Label& label) {
                                 return fmt::format("[{},{}]", text(label.name), text(label.value));
                               }))
      .add_raw("settings", pairs(report.settings))
      .add_raw("notes", array(report.notes, text))
      .add_raw("time", buckets(report))
      .add_raw("spans", array(report.spans,
                              [](const RunReport::Span& span) {
                                return fmt::format("[\"{}\",{},{}]", name(span.gate),
                                                   time(span.from), time(span.to));
                              }))
      .add_raw("durations", spread(report.ran, &report.ran_badly))
      .add_raw("waits", spread(report.waits, nullptr))
      .add_raw("gates", gates(report))
      .add_raw("timeline", timeline(report))
      .add_raw("failures", failures(report));
  return without_tags(object.text());
}

}  // namespace gentlify
