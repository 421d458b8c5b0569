// A service for the tests of the controller: the simulator's, in real time and behind a socket.
//
//   test_service listen SOCKET RECORD [WORD...]     until SIGTERM; WORDs describe it, see model.h
//   test_service ideal JOBS SLOTS [WORD...]         the least seconds for JOBS jobs, SLOTS at once
//
// A client sends a line, the number of its job, and gets a line: `served`, `broken` (this job fails
// whenever it is tried), `refused` or `refused SECONDS`, or `away`. Time 0 is the first request.
// RECORD gets a line for each answer:
//
//   SECOND-OF-THE-REQUEST SECOND-OF-THE-ANSWER JOB ANSWER REQUESTS-IN-FLIGHT
//
// in flight at the request, with it where it was admitted. A client that hangs up is not noticed:
// its request takes what it takes.
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>

#include "lib/control/simulation/oracle.h"
#include "lib/control/simulation/service.h"
#include "tests/service/model.h"

namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;
using namespace gentlify;

std::string_view answer(sim::Cause cause) {
  switch (cause) {
    case sim::Cause::none: return "served";
    case sim::Cause::broken: return "broken";
    case sim::Cause::refused: return "refused";
    case sim::Cause::outage: return "away";
    case sim::Cause::noise:
    case sim::Cause::slow: return "failed";
  }
  return {};
}

class Server {
 public:
  Server(const service::Description& description, const char* path, const char* record)
      : service_(description.model, description.seed),
        record_(record),
        acceptor_(io_, stream_protocol::endpoint(path)),
        signals_(io_, SIGTERM),
        timer_(io_) {
    record_.exceptions(std::ios::failbit | std::ios::badbit);
    record_ << std::fixed << std::setprecision(3);
    signals_.async_wait([this](error_code, int) { io_.stop(); });
    accept();
  }

  void run() { io_.run(); }

 private:
  struct Request {
    explicit Request(stream_protocol::socket s) : socket(std::move(s)) {}
    stream_protocol::socket socket;
    std::string line;
    TimePoint came;
    int in_flight = 0;
    bool admitted = false;
  };
  using RequestPtr = std::shared_ptr<Request>;

  TimePoint now() {
    const auto clock = std::chrono::steady_clock::now();
    if (!first_) first_ = clock;
    return TimePoint{} + (clock - *first_);
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, stream_protocol::socket socket) {
      if (!error) read(std::make_shared<Request>(std::move(socket)));
      accept();
    });
  }

  void read(const RequestPtr& request) {
    asio::async_read_until(request->socket, asio::dynamic_buffer(request->line, 100), '\n',
                           [this, request](error_code error, std::size_t) {
                             if (!error) start(request);
                           });
  }

  void start(const RequestPtr& request) {
    const JobId job{std::strtoull(request->line.c_str(), nullptr, 10)};
    request->came = now();
    answer_until(request->came);
    request->admitted = service_.start(job, ++attempts_[job], request->came);
    if (request->admitted) ++in_flight_;
    request->in_flight = in_flight_;
    open_.emplace(job, request);
    wait();
  }

  void wait() {
    const TimePoint next = service_.next();
    if (next == never) return;
    timer_.expires_at(*first_ + (next - TimePoint{}));
    timer_.async_wait([this](error_code error) {
      if (error) return;
      answer_until(now());
      wait();
    });
  }

  void answer_until(TimePoint now) {
    for (TimePoint next = service_.next(); next <= now; next = service_.next()) {
      if (const auto departure = service_.advance(next)) reply(*departure, next);
    }
  }

  void reply(const sim::Service::Departure& departure, TimePoint at) {
    const auto node = open_.extract(open_.lower_bound(departure.job));
    const RequestPtr& request = node.mapped();
    if (request->admitted) --in_flight_;
    request->line = answer(departure.cause);
    record_ << seconds(request->came - TimePoint{}) << ' ' << seconds(at - TimePoint{}) << ' '
            << number(departure.job) << ' ' << request->line << ' ' << request->in_flight << '\n'
            << std::flush;
    if (departure.retry_after) {
      request->line += ' ' + std::to_string(seconds(*departure.retry_after));
    }
    request->line += '\n';
    asio::async_write(request->socket, asio::buffer(request->line),
                      [request](error_code, std::size_t) {});
  }

  sim::Service service_;
  std::ofstream record_;
  asio::io_context io_{1};
  stream_protocol::acceptor acceptor_;
  asio::signal_set signals_;
  asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> first_;  // request
  std::map<JobId, int> attempts_;
  std::multimap<JobId, RequestPtr> open_;
  int in_flight_ = 0;  // admitted
};

int usage() {
  std::cerr << "usage: test_service listen SOCKET RECORD [WORD...]\n"
               "       test_service ideal JOBS SLOTS [WORD...]\n";
  return 64;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4) return usage();
  const std::string_view verb = argv[1];
  const service::Description description = service::describe({argv + 4, argv + argc});
  if (verb == "ideal") {
    sim::Plan plan;
    plan.jobs = std::stoull(argv[2]);
    plan.most = std::stoi(argv[3]);
    plan.seed = description.seed;
    std::cout << seconds(sim::oracle_makespan(description.model, plan)) << '\n';
    return 0;
  }
  if (verb != "listen") return usage();
  // It does not outlive the script that started it.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  Server server(description, argv[2], argv[3]);
  std::cout << "listening on " << argv[2] << '\n' << std::flush;
  server.run();
  ::unlink(argv[2]);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "test_service: " << error.what() << '\n';
  return 70;
}
