// Lists that many runs work off, each cut off at any byte of what it has written.
#include <map>
#include <random>
#include <set>

#include "tests/unit/catch.h"
#include "tests/unit/journal_book.h"

using namespace gentlify;
using namespace gentlify::test;

namespace {

using Random = std::mt19937;

/// What a record says of a job, and where the book ends then.
struct Note {
  enum class Kind { start, done, failed } kind;
  std::size_t job;  // of the list, from 0
  std::size_t end;
};

/// The history of a list, told once more by what is simpler than a journal: notes in a row.
class History {
 public:
  History(unsigned seed, Known known) : random_(seed) { book_.known = known; }

  void grow() {
    for (std::size_t n = below(30); n > 0; --n) items_.push_back(std::to_string(below(12)));
  }
  /// By content the list may be in any order.
  void reorder() {
    if (book_.known == Known::by_number) return;
    std::shuffle(items_.begin(), items_.end(), random_);
    // Notes are by item from now on, and all are of past sessions.
  }

  void run_session() {
    const bool again = below(3) == 0;
    Session session(book_, again);
    if (session.scan().damage) FAIL("damage at line " << session.scan().damage->line);
    check_counts(session);
    const std::vector<Job> jobs = take_all(session, again);
    const std::size_t begin = book_.text.size();
    work(session, jobs);
    if (below(2) == 0) crash(begin);
  }

 private:
  struct State {
    std::uint64_t done = 0, failed = 0;
  };

  std::size_t below(std::size_t n) { return random_() % n; }

  /// What jobs are known by.
  std::string name_of(std::size_t job) const {
    return book_.known == Known::by_content ? items_[job] : std::to_string(job);
  }
  void note(Note::Kind kind, const Job& job) {
    const auto index = static_cast<std::size_t>(number(job.id) - 1);
    notes_.push_back({{kind, index, book_.text.size()}, name_of(index), job.failed_before});
  }

  std::map<std::string, State> states() const {
    std::map<std::string, State> states;
    for (const Told& told : notes_) {
      State& state = states[told.name];
      if (told.note.kind == Note::Kind::done) ++state.done;
      if (told.note.kind == Note::Kind::failed) ++state.failed;
      if (told.note.kind == Note::Kind::start && told.was_failed) --state.failed;
    }
    return states;
  }

  void check_counts(Session& session) const {
    State all;
    for (const auto& [name, state] : states()) {
      all.done += state.done;
      all.failed += state.failed;
    }
    CHECK(session.past().done() == all.done);
    CHECK(session.past().failed() == all.failed);
  }

  std::vector<Job> take_all(Session& session, bool again) {
    std::map<std::string, std::uint64_t> skipped;
    std::map<std::string, std::uint64_t> met;
    std::set<std::string> keys;
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      auto [answer, job] = session.take(items_[i]);
      REQUIRE(answer != Past::Answer::changed);
      ++met[name_of(i)];
      if (answer == Past::Answer::skip) {
        ++skipped[name_of(i)];
      } else {
        if (!keys.insert(hex(job.key)).second) FAIL("a key twice");
        jobs.push_back(job);
      }
    }
    REQUIRE(session.end_input());
    std::map<std::string, State> known = states();
    for (const auto& [name, count] : met) {
      const std::uint64_t settled = known[name].done + (again ? 0 : known[name].failed);
      if (skipped[name] != std::min(count, settled)) {
        FAIL("of " << name << " " << skipped[name] << " are skipped, " << settled << " settled");
      }
    }
    return jobs;
  }

  /// Starts and ends jobs in an order that chance makes.
  void work(Session& session, const std::vector<Job>& jobs) {
    std::vector<Job> running;
    std::size_t next = 0;
    for (std::size_t steps = below(3 * jobs.size() + 1); steps > 0; --steps) {
      if (next < jobs.size() && (running.empty() || below(2) == 0)) {
        running.push_back(jobs[next++]);
        if (below(10) == 0) {
          refuse(session, running.back());
          running.pop_back();
        } else {
          begin(session, running.back());
        }
      } else if (!running.empty()) {
        std::swap(running[below(running.size())], running.back());
        if (end(session, running.back())) running.pop_back();
      }
    }
  }
  void begin(Session& session, Job& job) {
    session.start(job);
    note(Note::Kind::start, job);
    job.failed_before = false;
  }
  void refuse(Session& session, Job& job) {
    session.refuse(job);
    if (job.failed_before) note(Note::Kind::start, job);
    note(Note::Kind::failed, job);
  }
  /// False: it runs again.
  bool end(Session& session, Job& job) {
    switch (below(5)) {
      case 0:
        session.end(job, Verdict::failure, Fate::failed);
        note(Note::Kind::failed, job);
        return true;
      case 1:
        session.end(job, Verdict::overload, Fate::retry);
        begin(session, job);
        return false;
      case 2: session.end(job, Verdict::stopped, Fate::not_done); return true;
      default:
        session.end(job, Verdict::success, Fate::done);
        note(Note::Kind::done, job);
        return true;
    }
  }

  /// Not all that was written has come to the disk.
  void crash(std::size_t begin) {
    book_.text.resize(begin + below(book_.text.size() - begin + 1));
    while (!notes_.empty() && notes_.back().note.end > book_.text.size()) notes_.pop_back();
    if (below(3) == 0) book_.text += std::string(below(5000), '\0');
    if (below(3) == 0) book_.text += "{\"t\":\"start\",\"seq";
  }

  struct Told {
    Note note;
    std::string name;
    bool was_failed;
  };

  Random random_;
  Book book_;
  std::vector<std::string> items_;
  std::vector<Told> notes_;
};

}  // namespace

TEST_CASE("whatever happens to runs, no job that is done runs again, and none is left out") {
  const Known known = GENERATE(Known::by_number, Known::by_content);
  for (unsigned seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    History history(seed, known);
    for (int session = 0; session < 12; ++session) {
      history.grow();
      history.reorder();
      history.run_session();
    }
  }
}
