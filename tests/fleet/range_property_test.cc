// A list that hosts read for themselves keeps what it promises whatever befalls its hosts.
#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "lib/control/random.h"
#include "tests/fleet/range_fleet.h"

using namespace gentlify;
using namespace gentlify::range_test;

namespace {

/// Hosts that die, are cut off and miss replies, and a server that may forget all: then also what a
/// host has told that is not there any more to tell it again.
class World {
 public:
  World(std::uint64_t seed, std::uint64_t items, int hosts, bool forgets)
      : random_(seed), items_(items), forgets_(forgets), started_(items + 1), done_(items + 1) {
    for (int i = 0; i < hosts; ++i) add();
  }

  void run() {
    for (; ms_ < 3'600'000 && !is_over(); ms_ += 20) turn();
    REQUIRE(is_over());
    for (std::uint64_t n = 1; n <= items_; ++n) {
      CAPTURE(n);
      CHECK(done_[n] >= 1);
      // A host that is well runs what no other one that is well has run.
      CHECK(started_[n] <= 1);
    }
  }

 private:
  struct Late {
    std::vector<std::string> args;
    int at;
  };
  struct Host {
    Host(std::string name, std::uint64_t items, int jobs)
        : machine(std::move(name), items, jobs), most(jobs) {}
    Machine machine;
    int most;
    std::deque<Job> queue;
    std::vector<std::pair<int, Job>> running;
    std::set<std::uint64_t> untold;  // that it has started, of whose end nobody has heard
    int cut_off_until = 0;
    int synced = never_synced;
    bool fenced = true;
    bool is_unknown = true;  // to the server
    bool ended = false;
  };
  static constexpr int never_synced = -100'000;

  bool chance(double p) { return random_.uniform(0, 1) < p; }
  int up_to(int most) { return static_cast<int>(random_.next() % static_cast<unsigned>(most)); }

  void add() {
    hosts_.push_back(std::make_unique<Host>(std::to_string(++names_), items_, 1 + up_to(8)));
    hosts_.back()->machine.list.on_open(fleet_.run_id);
  }

  bool is_over() const {
    return std::all_of(hosts_.begin(), hosts_.end(), [](const auto& host) { return host->ended; });
  }

  void turn() {
    fleet_.tick(at(ms_));
    for (const Late& late : std::exchange(late_, {})) {
      if (late.at <= ms_) {
        fleet_.call(late.args);
      } else {
        late_.push_back(late);
      }
    }
    for (auto& host : hosts_) {
      if (!host->ended) live(*host);
    }
    if (forgets_ && chance(0.0003) && !is_over()) {
      fleet_.client().command({"FLUSHALL"});
      for (auto& host : hosts_) {
        host->is_unknown = true;
        if (host->ended) forgive(*host);  // it is not there to tell of it again
      }
    }
    const auto one = static_cast<std::size_t>(up_to(static_cast<int>(hosts_.size())));
    if (chance(0.0003) && !hosts_[one]->ended) {
      forgive(*hosts_[one]);
      hosts_.erase(hosts_.begin() + static_cast<std::ptrdiff_t>(one));
      add();
    }
  }

  /// What it runs may run again, and that of which it has told nobody.
  void forgive(Host& host) {
    for (const std::uint64_t n : std::exchange(host.untold, {})) --started_[n];
  }

  void live(Host& host) {
    const bool cut_off = ms_ < host.cut_off_until;
    if (!cut_off && chance(0.0002)) host.cut_off_until = ms_ + 1 + up_to(40'000);
    // It starts nothing after 0.9 ttl.
    if (!host.fenced && ms_ - host.synced > 13'500) {
      host.fenced = true;
      host.machine.list.on_lapse();
      forgive(host);
    }
    if (!cut_off && (host.is_unknown || ms_ - host.synced >= 5000)) {
      fleet_.sync(host.machine.name, at(ms_));
      host.synced = ms_;
      host.fenced = host.is_unknown = false;
    }
    end_jobs(host);
    withdraw(host);
    take_jobs(host);
    if (!host.fenced && !host.machine.list.is_unsure()) start_jobs(host);
    if (!host.fenced) talk(host, cut_off);
  }

  void end_jobs(Host& host) {
    std::erase_if(host.running, [&](const auto& job) {
      if (job.first > ms_) return false;
      ++done_[number(job.second.id)];
      host.machine.end(job.second, chance(0.1) ? Fate::failed : Fate::done, at(ms_));
      return true;
    });
  }

  /// Of what has not begun.
  void withdraw(Host& host) const {
    for (const JobId id : std::vector<JobId>(host.machine.list.gone())) {
      const auto job = std::find_if(host.queue.begin(), host.queue.end(),
                                    [&](const Job& queued) { return queued.id == id; });
      if (job == host.queue.end()) continue;
      host.machine.list.on_event(event::Dropped{*job, true}, at(ms_));
      host.queue.erase(job);
    }
  }

  static void take_jobs(Host& host) {
    while (host.queue.size() < 3) {
      Job job;
      const auto read = host.machine.source.next(job);
      if (read == Source::Read::end) host.ended = host.running.empty() && host.queue.empty();
      if (read == Source::Read::end || read == Source::Read::wait) return;
      if (read != Source::Read::item) continue;
      REQUIRE(job.item == std::to_string(number(job.id)));
      host.queue.push_back(std::move(job));
    }
  }

  void start_jobs(Host& host) {
    while (host.running.size() < static_cast<std::size_t>(host.most) && !host.queue.empty()) {
      Job job = std::move(host.queue.front());
      host.queue.pop_front();
      ++started_[number(job.id)];
      host.untold.insert(number(job.id));
      host.running.emplace_back(ms_ + 1 + up_to(chance(0.02) ? 20'000 : 200), std::move(job));
    }
  }

  void talk(Host& host, bool cut_off) {
    JobRange& list = host.machine.list;
    const auto args = list.next_call(at(ms_));
    if (!args) return;
    if (cut_off || chance(0.03)) {
      if (chance(0.5)) late_.push_back({*args, ms_ + up_to(30'000)});
      return list.on_lost(at(ms_));
    }
    const Reply reply = fleet_.call(*args);
    if (chance(0.03)) return list.on_lost(at(ms_));
    list.on_reply(reply, at(ms_));
    REQUIRE(list.problem().sentence.empty());
    if (forgets_ || reply.items[0].text != "ok") return;
    std::set<std::uint64_t> running;
    for (const auto& [until, job] : host.running) running.insert(number(job.id));
    std::erase_if(host.untold, [&](std::uint64_t n) { return !running.contains(n); });
  }

  Fleet fleet_;
  Random random_;
  std::uint64_t items_;
  bool forgets_;
  std::vector<int> started_, done_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<Late> late_;
  int ms_ = 0;
  int names_ = 0;
};

}  // namespace

TEST_CASE("every item runs, and again only where a host died or was fenced") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{11}));
  CAPTURE(seed);
  World(seed, 6000, 1 + static_cast<int>(seed % 5), seed % 2 == 0).run();
}
