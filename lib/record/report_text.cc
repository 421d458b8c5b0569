#include "lib/record/report_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <functional>
#include <utility>

#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr std::size_t least_width = 40;
constexpr std::size_t key_width = 14;
constexpr std::size_t number_width = 10;
constexpr std::size_t shown_groups = 20;
constexpr std::size_t shown_sessions = 20;
constexpr std::size_t histogram_bars = 16;

/// UTC, as "2026-01-31 12:00:00".
std::string date(Duration since_1970) {
  const auto s = static_cast<std::time_t>(
      std::chrono::duration_cast<std::chrono::seconds>(since_1970).count());
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(s));
}

/// "1234", "12.5", "0.031"
std::string number(double n) {
  return n >= 100 || n == std::floor(n) ? fmt::format("{:.0f}", n) : fmt::format("{:.3g}", n);
}

/// As `human`, and "120µs" where that says no more than "<1ms".
std::string fine(Duration d) {
  const double us = seconds(d) * 1e6;
  return us >= 0.5 && us < 1000 ? fmt::format("{:.0f}µs", us) : human(d);
}

std::string percent(double part, double whole) {
  return whole > 0 ? fmt::format("{:.1f} %", 100 * part / whole) : "";
}

/// Text in columns, and each line cut to the width.
class Page {
 public:
  explicit Page(std::size_t width) : width_(std::max(width, least_width)) {}

  std::size_t width() const { return width_; }
  void line(std::string_view text) {
    out_ += clip(text, width_);
    out_.erase(out_.find_last_not_of(' ') + 1) += '\n';
  }
  void paragraph(std::string_view text) {
    while (columns(text) > width_) {
      const std::size_t space = text.rfind(' ', width_);
      if (space == std::string_view::npos || space == 0) break;
      line(text.substr(0, space));
      text.remove_prefix(space + 1);
    }
    line(text);
  }
  void heading(std::string_view text) {
    out_ += '\n';
    line(text);
  }
  void row(std::string_view key, std::string_view value, std::string_view note = {}) {
    std::string text = fmt::format("  {:<{}}", key, key_width);
    text += note.empty() ? std::string(value) : fmt::format("{:<{}} ", value, number_width);
    text += note;
    line(text);
  }
  std::string take() { return std::move(out_); }

 private:
  std::size_t width_;
  std::string out_;
};

/// One character for each of `values`, the height of which says how large it is beside `most`; a
/// point where there is no value.
std::string sparkline(const std::vector<std::optional<double>>& values, double most) {
  constexpr std::array<std::string_view, 8> blocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string out;
  for (const std::optional<double>& value : values) {
    if (!value) {
      out += "·";
    } else if (*value <= 0 || most <= 0) {
      out += ' ';
    } else {
      const double share = std::min(1.0, *value / most);
      out += blocks[static_cast<std::size_t>(std::ceil(share * 8)) - 1];
    }
  }
  return out;
}

/// What one character of a sparkline stands for.
struct Column {
  ReportBucket sum;
  double seconds = 0;

  double rate(std::uint64_t n) const { return static_cast<double>(n) / seconds; }
};

/// The run in so many columns or fewer, all but the last as long as each other.
std::vector<Column> columns_of(const RunReport& report, std::size_t most) {
  const auto& all = report.buckets.all();
  const std::size_t each = (all.size() + most - 1) / most;
  std::vector<Column> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % each == 0) out.emplace_back();
    const Duration begin = report.buckets.width() * static_cast<Duration::rep>(i);
    const Duration length = std::min(report.buckets.width(), report.length() - begin);
    out.back().sum.add(all[i]);
    out.back().seconds += seconds(std::max(length, Duration(1)));
  }
  return out;
}

void counts(const RunReport& report, Page& page) {
  const auto jobs = static_cast<double>(report.jobs());
  const auto count = [&](std::string_view key, std::uint64_t n, const std::string& note = {}) {
    page.row(key, std::to_string(n), note);
  };
  page.heading("Jobs");
  count("done", report.done, percent(static_cast<double>(report.done), jobs));
  count("failed", report.failed, percent(static_cast<double>(report.failed), jobs));
  if (report.left() > 0 || !report.all_items) {
    count("not done", report.left(),
          report.all_items ? "" : "and the rest of the input, which was not read to its end");
  }
  if (report.saved > 0) count("by fallback", report.saved, "of those done");
  if (report.repeated > 0) count("repeated", report.repeated, "took more than one attempt");
  if (report.rate() > 0) page.row("rate", number(report.rate()), "completed jobs a second");

  page.heading("Attempts");
  for (std::size_t i = 0; i < verdict_count; ++i) {
    if (report.attempts[i] > 0) {
      count(name(static_cast<Verdict>(i)), report.attempts[i],
            percent(static_cast<double>(report.attempts[i]),
                    static_cast<double>(report.ended_attempts())));
    }
  }
  if (report.unfinished > 0) count("unfinished", report.unfinished, "no end of them is on record");
  count("in all", report.ended_attempts() + report.unfinished);
  if (report.without_attempt > 0) count("without one", report.without_attempt, "jobs not run");
  if (report.starved > 0) count("put off", report.starved, "this machine was short of resources");
  if (report.cuts > 0) count("cuts", report.cuts, "of the limit or the rate, for an overload");
  page.row("most at once", std::to_string(report.most_running));
}

using OfColumn = std::function<std::optional<double>(const Column&)>;

/// What `of` makes of each column, with its largest number; nothing where that is 0.
void spark(const std::vector<Column>& columns, std::string_view key, std::string_view unit,
           const OfColumn& of, Page& page) {
  std::vector<std::optional<double>> values;
  double most = 0;
  for (const Column& column : columns) {
    values.push_back(of(column));
    most = std::max(most, values.back().value_or(0));
  }
  if (most <= 0) return;
  page.row(key, fmt::format("{} {}{}", sparkline(values, most), number(most), unit));
}

OfColumn ended(Verdict verdict) {
  return [i = static_cast<std::size_t>(verdict)](const Column& c) { return c.rate(c.sum.ends[i]); };
}

OfColumn percent_of(Duration ReportBucket::*time) {
  return [time](const Column& c) { return 100 * seconds(c.sum.*time) / c.seconds; };
}

void over_time(const RunReport& report, Page& page) {
  constexpr std::size_t room_for_number = 12;
  const auto columns = columns_of(report, page.width() - 2 - key_width - room_for_number);
  if (columns.empty() || report.length() == Duration{}) return;
  page.heading(fmt::format("Over time: {}, {} a character; at the end of a line, its most",
                           human(report.length()), human(from_seconds(columns.front().seconds))));
  const OfColumn limit = [](const Column& c) -> std::optional<double> {
    if (c.sum.limit_known == Duration{}) return {};
    return c.sum.limit / static_cast<double>(c.sum.limit_known.count());
  };
  const OfColumn running = [](const Column& c) { return c.sum.running / (c.seconds * 1e9); };
  const OfColumn starts = [](const Column& c) { return c.rate(c.sum.starts); };
  const OfColumn cuts = [](const Column& c) { return static_cast<double>(c.sum.cuts); };
  spark(columns, "limit", "", limit, page);
  spark(columns, "running", "", running, page);
  spark(columns, "starts", "/s", starts, page);
  spark(columns, "refusals", "/s", ended(Verdict::overload), page);
  spark(columns, "failures", "/s", ended(Verdict::failure), page);
  spark(columns, "cuts", "", cuts, page);
  spark(columns, "paused", " %", percent_of(&ReportBucket::paused), page);
  spark(columns, "circuit open", " %", percent_of(&ReportBucket::open), page);
}

void times(const ReportSpread& ran, const ReportSpread& waits, Page& page) {
  if (ran.count() == 0 && waits.count() == 0) return;
  page.heading("Times of attempts, and how long their start was held back");
  page.row("", "ran", "held back");
  const auto row = [&](std::string_view key, Duration a, Duration b) {
    page.row(key, fine(a), fine(b));
  };
  row("mean", ran.mean(), waits.mean());
  row("least", ran.least(), waits.least());
  for (const int p : {50, 90, 95, 99}) {
    row(fmt::format("{} %", p), ran.quantile(p / 100.0), waits.quantile(p / 100.0));
  }
  row("most", ran.most(), waits.most());
}

/// Bounds that are close to each other differ in their third digit.
std::string exact(Duration d) {
  const double us = seconds(d) * 1e6;
  if (us < 1000) return fmt::format("{:.3g}µs", us);
  return us < 1e6   ? fmt::format("{:.3g}ms", us / 1e3)
         : us < 1e8 ? fmt::format("{:.3g}s", us / 1e6)
                    : human(d);
}

void histogram(const ReportSpread& ran, Page& page) {
  const auto bars = ran.bars(histogram_bars);
  if (bars.size() < 2) return;
  page.heading("Attempts that ran less than");
  std::uint64_t most = 1;
  for (const auto& bar : bars) most = std::max(most, bar.count);
  const std::size_t room = page.width() - 2 - key_width - number_width - 1;
  for (const auto& bar : bars) {
    const auto length = static_cast<std::size_t>(std::ceil(
        static_cast<double>(room) * static_cast<double>(bar.count) / static_cast<double>(most)));
    std::string blocks;
    for (std::size_t i = 0; i < length; ++i) blocks += "█";
    page.row(exact(bar.to), std::to_string(bar.count), blocks);
  }
}

void gates(const RunReport& report, Page& page) {
  std::vector<Gate> all;
  const auto waited = [&](Gate gate) { return report.waited[static_cast<std::size_t>(gate)]; };
  for (std::size_t i = 0; i < gate_count; ++i) {
    if (report.waited[i] > Duration{}) all.push_back(static_cast<Gate>(i));
  }
  if (all.empty()) return;
  std::stable_sort(all.begin(), all.end(), [&](Gate a, Gate b) { return waited(a) > waited(b); });
  page.heading("Time for which nothing could start, by gate");
  for (const Gate gate : all) {
    const std::string share = percent(seconds(waited(gate)), seconds(report.length()));
    page.row(gate == Gate::none ? "no gate" : name(gate), human(waited(gate)),
             gate == Gate::none ? share + ", a retry's delay or the input" : share);
  }
}

void failures(const RunReport& report, Page& page) {
  const auto groups = report.failures.sorted();
  if (groups.empty()) return;
  page.heading("Failures, by how they ended and what they wrote last to stderr");
  page.line(fmt::format("  {:>8} {:>8}  ended with", "jobs", "attempts"));
  const std::size_t shown = std::min(groups.size(), shown_groups);
  for (std::size_t i = 0; i < shown; ++i) {
    const ReportFailures::Group& group = *groups[i];
    std::string text = group.reason;
    if (!text.starts_with(group.ended)) {
      text = fmt::format("{}{}{}", group.ended, text.empty() ? "" : ", ", group.reason);
    }
    if (group.verdict != Verdict::failure) text += fmt::format(" [{}]", name(group.verdict));
    if (!group.last_line.empty()) text += ": " + group.last_line;
    page.line(fmt::format("  {:>8} {:>8}  {}", group.jobs, group.attempts, escape(text)));
  }
  if (groups.size() > shown) page.line(fmt::format("  and {} more", groups.size() - shown));
  if (report.failures.masked()) {
    page.line("  # stands for any number: there are too many different lines");
  }
}

void sessions(const RunReport& report, Page& page) {
  if (report.sessions.size() < 2) return;
  page.heading("Sessions; what was between them is in no time above");
  page.line(fmt::format("  {:>4}  {:<24} {:>8} {:>8} {:>7}  ended", "", "began", "lasted", "done",
                        "failed"));
  const std::size_t first =
      report.sessions.size() - std::min(report.sessions.size(), shown_sessions);
  if (first > 0) page.line(fmt::format("  {} earlier ones", first));
  for (std::size_t i = first; i < report.sessions.size(); ++i) {
    const RunReport::Session& session = report.sessions[i];
    page.line(fmt::format("  {:>4}  {:<24} {:>8} {:>8} {:>7}  {}", session.number,
                          date(session.wall), human(session.end - session.begin), session.done,
                          session.failed,
                          session.exit ? fmt::format("exit {}", *session.exit) : "not on record"));
  }
}

void settings(const RunReport& report, Page& page) {
  if (report.settings.empty()) return;
  page.heading("Settings that are not the defaults");
  std::size_t width = 0;
  for (const auto& [name, value] : report.settings) width = std::max(width, columns(escape(name)));
  for (const auto& [name, value] : report.settings) {
    page.line(fmt::format("  {:<{}}  {}", escape(name), width, escape(value)));
  }
}

/// How the run ended.
std::string ending(const RunReport& report) {
  const RunReport::Session& last = report.sessions.back();
  if (last.exit) return fmt::format("exit {}", *last.exit);
  return "no end on record: the run was cut short, or goes on";
}

}  // namespace

std::string report_text(const RunReport& report, std::size_t width) {
  Page page(width);
  if (report.sessions.empty()) return {};
  std::string head = fmt::format("{} of {} done", report.done, counted(report.jobs(), "job"));
  if (report.failed > 0) head += fmt::format(", {} failed", report.failed);
  page.line(fmt::format("{}, in {} ({})", head, human(report.length()), ending(report)));
  page.line(fmt::format("begun {} by gentlify {}", date(report.sessions.front().wall),
                        escape(report.sessions.front().version)));
  for (const Label& label : report.labels) {
    page.line(fmt::format("{}={}", escape(label.name), escape(label.value)));
  }
  for (const std::string& note : report.notes) page.paragraph(escape(note));
  counts(report, page);
  over_time(report, page);
  times(report.ran, report.waits, page);
  histogram(report.ran, page);
  gates(report, page);
  failures(report, page);
  sessions(report, page);
  settings(report, page);
  return page.take();
}

}  // namespace gentlify
