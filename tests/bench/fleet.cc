// Fleets of 1, 10, 100 and 1,000 hosts on a real redis-server: how long a call of SYNC takes, what
// it costs the server, and what the hosts get of a limit and of a rate.
//
//   fleet_bench [SECONDS [HOSTS...]]      10 seconds for each line, of 1 10 100 1000 hosts
//
// Hosts are structs on one event loop, each with a connection of its own. They do what a real one
// does: one call at a time; after a job has ended, when the fleet told them to ask again, and each
// 250 ms; at least 5 ms apart. Jobs take 0.5 to 1.5 s, of which there are always more.
#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <queue>
#include <stdexcept>
#include <vector>

#include "lib/control/random.h"
#include "lib/fleet/resp.h"
#include "lib/fleet/scripts.h"
#include "lib/fleet/sync_call.h"
#include "tests/fleet/redis_client.h"
#include "tests/fleet/redis_server.h"

using namespace gentlify;
using namespace std::chrono_literals;

namespace {

constexpr Duration ttl = 2s;
constexpr Duration settling = ttl + 3s;
constexpr Duration permit_life = 500ms;
constexpr std::uint64_t most_in_flight = 8;  // of one host

Duration now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

/// What is measured of a fleet.
struct Measures {
  std::vector<double> latencies;  // µs
  std::vector<double> done;       // jobs of each host
  double running_seconds = 0;     // of all jobs together
  double starts = 0;
};

struct Shared {
  std::uint64_t limit = 0;
  Rate rate;
  std::string run_id;
  bool measuring = false;
  Measures measures;
};

fleet::Reply reply_of(const redisReply& from) {
  fleet::Reply reply;
  reply.kind = from.type == REDIS_REPLY_ARRAY     ? fleet::Reply::Kind::array
               : from.type == REDIS_REPLY_INTEGER ? fleet::Reply::Kind::integer
               : from.type == REDIS_REPLY_ERROR   ? fleet::Reply::Kind::error
                                                  : fleet::Reply::Kind::text;
  if (from.str != nullptr) reply.text.assign(from.str, static_cast<std::size_t>(from.len));
  reply.integer = from.integer;
  for (std::size_t i = 0; i < from.elements; ++i) reply.items.push_back(reply_of(*from.element[i]));
  return reply;
}

class Host {
 public:
  Host(std::size_t number, std::uint16_t port, Shared& shared)
      : number_(number), shared_(shared), random_(number + 1), reader_(redisReaderCreate()) {
    connect(port);
    address_.name = "bench";
    char id[17];
    std::snprintf(id, sizeof id, "%016zx", number);
    next_.host = id;
    next_.run_id = shared.run_id;
    next_.ttl = ttl;
    next_.config = "0123456789abcdef";
    next_.limit = shared.limit;
    next_.rate = shared.rate;
    // Not all at the same moment.
    call_at_ = now() + Duration(static_cast<std::int64_t>(random_.next() % 250'000'000));
  }
  ~Host() { ::close(fd_); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  int fd() const { return fd_; }

  /// Does what is due, and returns when something is due next.
  Duration act(Duration t) {
    end_jobs(t);
    start_jobs(t);
    if (!in_flight_ && t >= call_at_) send(t);
    Duration next = in_flight_ ? t + 1s : call_at_;
    for (const Duration end : jobs_) next = std::min(next, end);
    if (!permits_.empty() && held_ > jobs_.size()) next = std::min(next, permits_.front().from);
    return next;
  }

  /// The reply can be read.
  void receive(Duration t) {
    char bytes[4096];
    const ssize_t size = ::read(fd_, bytes, sizeof bytes);
    if (size <= 0) throw std::runtime_error("the server closed a connection");
    redisReaderFeed(reader_.get(), bytes, static_cast<std::size_t>(size));
    void* raw = nullptr;
    if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) throw std::runtime_error("no RESP");
    if (raw == nullptr) return;
    const std::unique_ptr<void, void (*)(void*)> owner(raw, freeReplyObject);
    const fleet::Reply reply = reply_of(*static_cast<redisReply*>(raw));
    const auto answer = fleet::parse_sync_reply(reply);
    if (!answer) throw std::runtime_error("no reply of SYNC: " + reply.text);
    take(*answer, t);
  }

 private:
  struct Permit {
    Duration from, until;
  };

  void connect(std::uint16_t port) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0 ||
        ::fcntl(fd_, F_SETFL, O_NONBLOCK) != 0) {
      throw std::runtime_error("no connection");
    }
  }

  bool has_rate() const { return shared_.rate.amount > 0; }

  void end_jobs(Duration t) {
    const auto over = std::erase_if(jobs_, [&](Duration end) { return end <= t; });
    if (over == 0) return;
    next_.ok += over;
    if (shared_.measuring) shared_.measures.done[number_] += static_cast<double>(over);
    if (!has_rate() && held_ > cap_ && held_ > jobs_.size()) --held_;
    if (has_rate()) held_ = jobs_.size();
    call_at_ = std::min(call_at_, std::max(t, last_call_ + 5ms));
  }

  void start_jobs(Duration t) {
    std::erase_if(permits_, [&](const Permit& p) { return p.until < t; });
    while (jobs_.size() < held_) {
      if (has_rate()) {
        if (permits_.empty() || permits_.front().from > t) return;
        permits_.erase(permits_.begin());
      }
      const Duration length =
          500ms + Duration(static_cast<std::int64_t>(random_.next() % 1'000'000'000));
      jobs_.push_back(t + length);
      if (shared_.measuring) shared_.measures.starts += 1;
    }
  }

  void send(Duration t) {
    ++next_.seq;
    next_.held = held_;
    next_.want = has_rate() ? 0 : most_in_flight - std::min(held_, most_in_flight);
    const auto busy = jobs_.size() + permits_.size();
    next_.starts = has_rate() && busy < most_in_flight ? most_in_flight - busy : 0;
    next_.since = t - asked_;
    std::vector<std::string> words = {"EVALSHA", std::string(fleet::sync_script.sha1), "3"};
    for (std::string& key : fleet::sync_keys(address_)) words.push_back(std::move(key));
    for (std::string& word : fleet::arguments(next_)) words.push_back(std::move(word));
    const std::string command = fleet::format_command(words);
    last_call_ = now();
    if (::write(fd_, command.data(), command.size()) != static_cast<ssize_t>(command.size())) {
      throw std::runtime_error("a command was not taken whole");
    }
    in_flight_ = true;
  }

  void take(const fleet::SyncReply& reply, Duration t) {
    in_flight_ = false;
    if (shared_.measuring) {
      shared_.measures.latencies.push_back(seconds(t - last_call_) * 1e6);
    }
    next_.told = reply.now;
    asked_ = last_call_;
    next_.generation = reply.generation;
    cap_ = reply.cap;
    held_ += reply.granted;
    for (std::uint64_t i = 0; i < reply.starts; ++i) {
      permits_.push_back({t + reply.delay + static_cast<std::int64_t>(i) * reply.spacing,
                          last_call_ + permit_life});
    }
    if (has_rate()) held_ = std::max<std::uint64_t>(held_, jobs_.size() + permits_.size());
    call_at_ = t + 250ms;
    if (reply.retry > 0ms) call_at_ = std::min(call_at_, t + std::max<Duration>(reply.retry, 5ms));
  }

  struct FreeReader {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };

  std::size_t number_;
  Shared& shared_;
  Random random_;
  std::unique_ptr<redisReader, FreeReader> reader_;
  fleet::Address address_;
  int fd_ = -1;
  fleet::SyncRequest next_;
  bool in_flight_ = false;
  Duration call_at_{}, last_call_{}, asked_{};
  std::uint64_t held_ = 0, cap_ = 1'000'000;
  std::vector<Duration> jobs_;  // when each ends
  std::vector<Permit> permits_;

 public:
  std::size_t running() const { return jobs_.size(); }
};

/// Processor time of a process so far, in seconds.
double processor_time(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  double ticks = 0;
  for (int i = 1; i <= 15 && file >> word; ++i) {
    if (i >= 14) ticks += std::stod(word);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// What a call took within the server, in µs on average, since its statistics were reset.
double time_in_server(RedisClient& client) {
  const std::string info = client.call({"INFO", "commandstats"}).text;
  const std::string call = "cmdstat_evalsha:";
  const std::string field = "usec_per_call=";
  const std::size_t at = info.find(field, info.find(call));
  return at == std::string::npos ? 0 : std::strtod(info.c_str() + at + field.size(), nullptr);
}

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

/// (Σx)² / (n Σx²): 1 where all have the same.
double jain(const std::vector<double>& values) {
  double sum = 0;
  double squares = 0;
  for (const double x : values) sum += x, squares += x * x;
  return squares > 0 ? sum * sum / (static_cast<double>(values.size()) * squares) : 0;
}

/// The hosts on one event loop.
class Loop {
 public:
  explicit Loop(std::vector<std::unique_ptr<Host>>& hosts)
      : hosts_(hosts), epoll_(::epoll_create1(EPOLL_CLOEXEC)), due_(hosts.size()) {
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, hosts[i]->fd(), &event);
      act(i);
    }
  }
  ~Loop() { ::close(epoll_); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run_until(Duration end, Measures* measures) {
    Duration last = now();
    while (last < end) {
      turn();
      const Duration t = now();
      if (measures != nullptr) measures->running_seconds += seconds(t - last) * running_;
      last = t;
    }
  }

 private:
  using Entry = std::pair<Duration, std::size_t>;

  void act(std::size_t i) {
    const auto before = static_cast<double>(hosts_[i]->running());
    const Duration due = hosts_[i]->act(now());
    running_ += static_cast<double>(hosts_[i]->running()) - before;
    due_[i] = due;
    queue_.push({due, i});
  }

  void turn() {
    while (!queue_.empty() && queue_.top().first != due_[queue_.top().second]) queue_.pop();
    const Duration wait = queue_.empty() ? 100ms : queue_.top().first - now();
    epoll_event events[64];
    const timespec limit{0, std::clamp<long>(wait.count(), 0, 100'000'000)};
    const int ready = ::epoll_pwait2(epoll_, events, 64, &limit, nullptr);
    for (int k = 0; k < ready; ++k) {
      const std::size_t i = events[k].data.u64;
      hosts_[i]->receive(now());
      act(i);
    }
    while (!queue_.empty() && queue_.top().first <= now()) {
      const auto [due, i] = queue_.top();
      queue_.pop();
      if (due == due_[i]) act(i);
    }
  }

  std::vector<std::unique_ptr<Host>>& hosts_;
  int epoll_;
  std::vector<Duration> due_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
  double running_ = 0;
};

void measure(std::size_t size, bool with_rate, Duration time) {
  RedisServer server({"--maxclients", "2000"});
  RedisClient client(server.port());
  client.call({"SCRIPT", "LOAD", std::string(fleet::sync_script.text)});
  Shared shared;
  shared.run_id = client.run_id();
  if (with_rate) {
    shared.rate = {std::min<Cost>(4 * size, 1000), 1s};
  } else {
    shared.limit = std::max<std::uint64_t>(4, 2 * size + size / 3);
  }
  shared.measures.done.resize(size);
  std::vector<std::unique_ptr<Host>> hosts;
  for (std::size_t i = 0; i < size; ++i) {
    hosts.push_back(std::make_unique<Host>(i, server.port(), shared));
  }
  Loop loop(hosts);
  loop.run_until(now() + settling, nullptr);
  shared.measuring = true;
  client.call({"CONFIG", "RESETSTAT"});
  const double used = processor_time(server.pid());
  const Duration begin = now();
  loop.run_until(begin + time, &shared.measures);
  const double span = seconds(now() - begin);
  Measures& m = shared.measures;
  const double cpu = (processor_time(server.pid()) - used) / span;
  const auto calls = static_cast<double>(m.latencies.size());
  const auto bound = static_cast<double>(with_rate ? shared.rate.amount : shared.limit);
  const double use = (with_rate ? m.starts : m.running_seconds) / (bound * span);
  std::printf("%6zu  %-12s %9.0f %9.0f %9.0f %9.0f %10.0f %9.1f %% %8.3f %9.1f %%\n", size,
              ((with_rate ? "rate " : "limit ") + std::to_string(static_cast<int>(bound))).c_str(),
              quantile(m.latencies, 0.5), quantile(m.latencies, 0.99), quantile(m.latencies, 1),
              time_in_server(client), calls / span, 100 * cpu, jain(m.done), 100 * use);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  const Duration time = std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 10);
  std::vector<std::size_t> sizes;
  for (int i = 2; i < argc; ++i) sizes.push_back(std::strtoul(argv[i], nullptr, 10));
  if (sizes.empty()) sizes = {1, 10, 100, 1000};
  std::printf("%6s  %-12s %9s %9s %9s %9s %10s %11s %8s %11s\n", "hosts", "shared", "p50 us",
              "p99 us", "max us", "script us", "calls/s", "server CPU", "Jain", "used");
  for (const std::size_t size : sizes) {
    for (const bool with_rate : {false, true}) measure(size, with_rate, time);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "fleet_bench: %s\n", error.what());
  return 1;
}
