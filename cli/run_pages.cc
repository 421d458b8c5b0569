#include "cli/run_pages.h"

#include <fmt/format.h>

#include "cli/journaling.h"
#include "lib/engine/clock.h"
#include "lib/record/journal_record.h"
#include "lib/record/report_json.h"
#include "lib/record/report_page.h"

namespace gentlify {

namespace {

/// The loop makes the data, so that it must be quick: less fine than that of a report, and no more
/// often than this.
constexpr std::size_t most_bars = 2000, most_buckets = 1024;
constexpr Duration data_each = std::chrono::seconds(1);
/// So many bytes of records are kept before they are looked at.
constexpr std::size_t most_pending = 1 << 16;

RunReport coarse() {
  RunReport report;
  report.bars = ReportBars(most_bars);
  report.buckets = ReportBuckets(most_buckets);
  return report;
}

constexpr std::string_view without_page =
    "this gentlify was built without npm, and so has no page; there is /metrics and /data.json\n";

}  // namespace

RunPages::RunPages(const RunRequest& request, const Plan& plan, std::uint64_t run, Host& host,
                   const Metrics& metrics, StatusLine& status)
    : metrics_(metrics),
      status_(status),
      text_(record_settings(request, plan), Known::by_number),
      feed_(coarse()) {
  if (request.settings.listen.empty()) return;
  const SessionHead session = session_head(request, plan, run);
  text_ = JournalText(record_settings(request, plan), session.head.known);
  text_.head(session.head, session.about);
  server_ = std::make_unique<HttpServer>(host.io, host.watch, request.settings.listen,
                                         [this](std::string_view path) { return page(path); });
  if (!request.settings.quiet) host.console.say("listening at " + server_->url());
}

void RunPages::on_event(const Event& event, TimePoint now) {
  if (!server_) return;
  text_.event(event, now);
  if (text_.pending().size() > most_pending) feed();
}

void RunPages::feed() {
  std::string& lines = text_.pending();
  const std::size_t size = lines.size();
  lines.append(RecordParser::padding, '\0');
  for (std::size_t begin = 0; begin < size;) {
    const std::size_t end = lines.find('\n', begin);
    feed_.learn(std::string_view(lines).substr(begin, end - begin));
    begin = end + 1;
  }
  lines.clear();
}

const std::string& RunPages::data() {
  const TimePoint now = monotonic_now();
  if (now < data_until_) return data_;
  data_until_ = later(now, data_each);
  feed();
  RunReport report = feed_.report();
  status_.learn_total();
  if (const auto total = status_.run_state(now).total) {
    report.items = *total;
    report.all_items = true;
  }
  data_ = report_data(report);
  return data_;
}

std::optional<HttpPage> RunPages::page(std::string_view path) {
  if (path == "/metrics") {
    status_.learn_total();
    return HttpPage{"text/plain; version=0.0.4; charset=utf-8", metrics_.text()};
  }
  if (path == "/data.json") return HttpPage{"application/json", data()};
  if (path != "/") return {};
  if (auto page = live_report_page()) return HttpPage{"text/html; charset=utf-8", *page};
  return HttpPage{"text/plain; charset=utf-8", std::string(without_page)};
}

}  // namespace gentlify
