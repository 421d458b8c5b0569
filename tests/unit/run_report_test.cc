// What a report makes of the records of a run.
#include "lib/record/report_feed.h"

#include <fmt/format.h>

#include <utility>

#include "lib/core/text.h"
#include "lib/record/report_json.h"
#include "lib/record/report_text.h"
#include "tests/unit/catch.h"
#include "tests/unit/journal_book.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

/// Records as a run writes them, by a clock that stands where it is put.
class Run {
 public:
  explicit Run(Known known = Known::by_number) : text_(settings(), known), known_(known) {}

  void head(int session, std::vector<std::pair<std::string, std::string>> settings = {}) {
    record::Head head;
    head.run = 77;
    head.session = session;
    head.known = known_;
    text_.head(head, {"1.2", {{"team", "a"}}, std::move(settings)});
  }
  static Job job(std::uint64_t seq) {
    Job job;
    job.id = JobId{seq};
    job.identity = {1, seq};
    return job;
  }
  void start(Job& job, int slot) {
    ++job.attempts;
    text_.event(event::Started{job, slot, 1}, at(clock_));
  }
  /// An attempt that took so long ends now.
  void end(Job& job, Duration ran, const Outcome& outcome, Fate fate, Duration waited = {},
           Gate gate = Gate::none) {
    text_.event(event::Ended{job, outcome, ran, fate, 0, true, waited, gate}, at(clock_));
  }
  void run(std::uint64_t seq, Duration ran, const Outcome& outcome, Fate fate) {
    Job one = job(seq);
    start(one, 1);
    go(ran);
    end(one, ran, outcome, fate);
  }
  void tell(const Event& event) { text_.event(event, at(clock_)); }
  void close(int exit) { text_.close(exit); }
  void block(std::uint64_t first, std::uint32_t items, bool last) {
    text_.block({first, items, 9, last});
  }

  void go(Duration d) { clock_ += d; }

  void tell_all(ReportFeed& feed) {
    std::string lines = text_.pending();
    lines.append(RecordParser::padding, '\0');
    std::string_view rest(lines.data(), text_.pending().size());
    while (!rest.empty()) {
      const std::size_t length = rest.find('\n');
      CHECK(feed.learn(rest.substr(0, length)));
      rest.remove_prefix(length + 1);
    }
  }
  RunReport report() {
    ReportFeed feed;
    tell_all(feed);
    return feed.report();
  }
  std::string& text() { return text_.pending(); }

 private:
  JournalText::Settings settings() {
    JournalText::Settings settings;
    settings.clock = [this] {
      return std::chrono::system_clock::time_point(
          1'700'000'000s + std::chrono::duration_cast<std::chrono::microseconds>(clock_));
    };
    return settings;
  }

  Duration clock_{};
  JournalText text_;
  Known known_;
};

const Outcome good{Verdict::success, {}, "exit 0", {}};

Outcome exit_of(int code, std::string last_line) {
  return {Verdict::failure,
          {Exit::Kind::code, code},
          fmt::format("exit {}", code),
          std::move(last_line)};
}

const Outcome refused{Verdict::overload, {Exit::Kind::code, 75}, "exit 75", {}};

std::uint64_t sum(const RunReport& report, std::uint64_t ReportBucket::*member) {
  std::uint64_t all = 0;
  for (const ReportBucket& bucket : report.buckets.all()) all += bucket.*member;
  return all;
}

double mean_running(const RunReport& report) {
  double all = 0;
  for (const ReportBucket& bucket : report.buckets.all()) all += bucket.running;
  return all / static_cast<double>(report.length().count());
}

}  // namespace

TEST_CASE("a report counts jobs, and attempts by how they ended") {
  Run run;
  run.head(1);
  run.head(1);  // as a journal has it
  run.block(1, 4, true);
  run.run(1, 1s, good, Fate::done);
  Job two = Run::job(2);
  for (const Fate fate : {Fate::retry, Fate::failed}) {
    run.start(two, 1);
    run.go(2s);
    run.end(two, 2s, exit_of(3, "no"), fate, 500ms, Gate::rate);
  }
  run.run(3, 1s, refused, Fate::retry);
  run.close(1);
  const RunReport report = run.report();
  CHECK(report.jobs() == 4);
  CHECK(report.all_items);
  CHECK(report.done == 1);
  CHECK(report.failed == 1);
  CHECK(report.left() == 2);
  CHECK(report.repeated == 1);
  CHECK(report.ended_attempts() == 4);
  CHECK(report.attempts[static_cast<std::size_t>(Verdict::overload)] == 1);
  CHECK(report.waited[static_cast<std::size_t>(Gate::rate)] == 1s);
  CHECK(report.length() == 6s);
  CHECK(report.sessions.size() == 1);
  CHECK(report.sessions.front().exit == 1);
  CHECK(report.labels.front().name == "team");
  CHECK(sum(report, &ReportBucket::starts) == 4);
}

TEST_CASE("a report of no jobs is whole") {
  Run run;
  run.head(1);
  run.block(1, 0, true);
  run.close(0);
  const RunReport report = run.report();
  CHECK(report.jobs() == 0);
  CHECK(report_text(report, 80).starts_with("0 of 0 jobs done, in 0ms (exit 0)\n"));
  CHECK(report_data(report).find("\"jobs\":0,") != std::string::npos);
}

TEST_CASE("what runs over time is the time of the attempts in it") {
  Run run;
  run.head(1);
  Job a = Run::job(1);
  Job b = Run::job(2);
  run.start(a, 1);
  run.go(1s);
  run.start(b, 2);
  run.go(1s);
  run.end(a, 2s, good, Fate::done);
  run.go(2s);
  run.end(b, 3s, good, Fate::done);
  run.close(0);
  const RunReport report = run.report();
  CHECK(report.most_running == 2);
  CHECK(mean_running(report) == Approx(5.0 / 4));
  REQUIRE(report.bars.slots().size() == 2);
  CHECK(report.bars.slots()[1].front().from == 1s);
  CHECK(report.bars.slots()[1].front().to == 4s);
}

TEST_CASE("the limit before its first move is known from that move") {
  Run run;
  run.head(1);
  run.go(4s);
  const Job job = Run::job(1);
  run.tell(event::Adjusted{event::Adjusted::Kind::cut, 8, 4, {}, 100ms, job, refused});
  run.go(4s);
  run.close(0);
  const RunReport report = run.report();
  CHECK(report.cuts == 1);
  const auto& all = report.buckets.all();
  CHECK(all.front().limit / static_cast<double>(all.front().limit_known.count()) == Approx(8));
  CHECK(all.back().limit / static_cast<double>(all.back().limit_known.count()) == Approx(4));
  CHECK(report_data(report).find("\"allowed\":[null,") != std::string::npos);
}

TEST_CASE("a limit that is fixed is known from the settings") {
  Run run;
  run.head(1, {{"max_concurrency", "6"}, {"controller", "fixed"}});
  run.go(1s);
  run.close(0);
  const ReportBucket bucket = run.report().buckets.all().front();
  CHECK(bucket.limit / static_cast<double>(bucket.limit_known.count()) == Approx(6));
}

TEST_CASE("pauses and an open circuit are spans, which end with their session") {
  Run run;
  run.head(1);
  run.go(1s);
  run.tell(event::Paused{true, never});
  run.go(1s);
  run.tell(event::Paused{false, never});
  run.tell(event::CircuitMoved{true, false, at(9s), 5});
  run.go(2s);
  run.close(75);
  const RunReport report = run.report();
  REQUIRE(report.spans.size() == 2);
  CHECK(report.spans[0].gate == Gate::pause);
  CHECK(report.spans[0].from == 1s);
  CHECK(report.spans[0].to == 2s);
  CHECK(report.spans[1].gate == Gate::circuit);
  CHECK(report.spans[1].to == 4s);
}

TEST_CASE("the time between two sessions is left out, and what a crash cut short is unfinished") {
  Run run;
  run.head(1);
  run.head(1);
  run.run(1, 1s, exit_of(1, ""), Fate::failed);
  Job two = Run::job(2);
  run.start(two, 3);
  run.go(1s);
  run.run(3, 1s, good, Fate::done);
  run.go(24h);
  run.head(2);
  Job one = Run::job(1);
  one.failed_before = true;
  run.start(one, 1);
  run.go(2s);
  run.end(one, 2s, good, Fate::done);
  const RunReport report = run.report();
  CHECK(report.length() == 5s);
  REQUIRE(report.sessions.size() == 2);
  CHECK(report.sessions[1].begin == 3s);
  CHECK(report.sessions[1].wall - report.sessions[0].wall == 24h + 3s);
  CHECK(!report.sessions[0].exit);
  CHECK(report.unfinished == 1);
  CHECK(report.running == 0);
  CHECK(report.done == 2);
  CHECK(report.failed == 0);
  CHECK(report.bars.slots()[2].front().kind == ReportBar::Kind::unfinished);
  CHECK(report.bars.slots()[2].front().to == 3s);
}

TEST_CASE("a list that was read to its end is known whole in the sessions after that") {
  Run run;
  run.head(1);
  run.block(1, 2, true);
  run.run(1, 1s, good, Fate::done);
  run.head(2);
  CHECK(run.report().all_items);

  Run other(Known::by_content);
  other.head(1);
  other.block(1, 2, true);
  other.head(2);
  CHECK(!other.report().all_items);
}

TEST_CASE("a job that its fallback has settled has run, and what that makes of it is no attempt") {
  Run run;
  run.head(1);
  const auto fall_back = [&](std::uint64_t seq, const Outcome& outcome, Fate fate) {
    Job job = Run::job(seq);
    for (const Fate each : {Fate::retry, Fate::fallback}) {
      run.start(job, 1);
      run.go(1s);
      run.end(job, 1s, exit_of(3, "no"), each);
    }
    run.go(1s);
    run.tell(event::Ended{job, outcome, 1s, fate, 0, false, {}, Gate::none, true});
  };
  fall_back(1, good, Fate::done);
  fall_back(2, {Verdict::failure, {}, "exit 3, and the fallback: exit 1", {}}, Fate::failed);
  const RunReport report = run.report();
  CHECK(report.done == 1);
  CHECK(report.saved == 1);
  CHECK(report.failed == 1);
  CHECK(report.repeated == 2);
  CHECK(report.without_attempt == 0);
  CHECK(report.ended_attempts() == 4);
  const auto groups = report.failures.sorted();
  REQUIRE(groups.size() == 2);
  CHECK(groups[0]->reason == "exit 3, and the fallback: exit 1");
  CHECK(groups[0]->ended.empty());
  CHECK(groups[0]->jobs == 1);
  CHECK(groups[0]->attempts == 0);
  CHECK(groups[1]->jobs == 0);
  CHECK(groups[1]->attempts == 4);
}

TEST_CASE("a run that goes on is told as far as it is, and can be told again") {
  Run run;
  run.head(1);
  Job job = Run::job(1);
  run.start(job, 1);
  run.go(1s);
  run.run(2, 1s, good, Fate::done);
  ReportFeed feed;
  run.tell_all(feed);
  CHECK(feed.report().running == 1);
  CHECK(feed.report().unfinished == 1);
  CHECK(feed.report().done == 1);
}

TEST_CASE("failures that are alike stand together, those that cost most jobs first") {
  Run run;
  run.head(1);
  for (std::uint64_t i = 1; i <= 10; ++i) run.run(i, 1ms, exit_of(1, "busy"), Fate::retry);
  for (std::uint64_t i = 11; i <= 17; ++i) run.run(i, 1ms, exit_of(2, "gone"), Fate::failed);
  const RunReport report = run.report();
  const auto groups = report.failures.sorted();
  REQUIRE(groups.size() == 2);
  CHECK(groups[0]->ended == "exit 2");
  CHECK(groups[0]->last_line == "gone");
  CHECK(groups[0]->jobs == 7);
  CHECK(groups[0]->first == std::vector<std::uint64_t>{11, 12, 13, 14, 15});
  CHECK(groups[1]->attempts == 10);
  CHECK(groups[1]->jobs == 0);
}

TEST_CASE("what a job wrote is text on the page and in the terminal, whatever it wrote") {
  Run run;
  run.head(1);
  run.run(1, 1s, exit_of(1, "</script><b>\x1b[31m \u202e"), Fate::failed);
  run.close(1);
  const std::string data = report_data(run.report());
  CHECK(data.find('<') == std::string::npos);
  CHECK(data.find(R"(\u003c/script>\u003cb>\\x1B[31m \\u{202E})") != std::string::npos);
  CHECK(report_text(run.report(), 80).find("</script><b>\\x1B[31m \\u{202E}") != std::string::npos);
}

TEST_CASE("the tables are no wider than they may be") {
  Run run;
  run.head(1, {{"shell", std::string(300, 'x')}});
  for (std::uint64_t i = 1; i <= 50; ++i) {
    run.run(i, std::chrono::milliseconds(i * i), exit_of(1, std::string(150, 'y')), Fate::retry);
  }
  for (const std::size_t width : {40U, 80U, 133U}) {
    const std::string text = report_text(run.report(), width);
    std::size_t widest = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      widest = std::max(widest, columns(std::string_view(text).substr(at, end - at)));
      at = end + 1;
    }
    CHECK(widest == width);
  }
}

TEST_CASE("a clock that is set does no harm") {
  Run run;
  run.head(1);
  run.go(from_seconds(3e9));
  run.run(1, 1s, good, Fate::done);
  run.head(2);
  run.go(from_seconds(1e9));
  run.run(2, from_seconds(1e9), good, Fate::done);
  run.go(-from_seconds(4.5e9));
  run.run(3, 1s, good, Fate::done);
  const RunReport report = run.report();
  CHECK(report.done == 3);
  CHECK(report.ran.most() == from_seconds(1e9));
  CHECK(report.buckets.all().size() <= 4096);
  CHECK(!report_text(report, 80).empty());
  CHECK(!report_data(report).empty());
}

TEST_CASE("records that are none, or stand before the first head, are not learned") {
  Run run;
  const Job job = Run::job(1);
  run.tell(event::Draining{1});
  ReportFeed feed;
  std::string line = run.text();
  line.reserve(line.size() + RecordParser::padding);
  CHECK(!feed.learn(std::string_view(line).substr(0, line.size() - 1)));
  CHECK(!feed.learn(std::string_view(line).substr(0, 10)));
}
