#include "lib/fleet/resolver.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gentlify::fleet {

namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

constexpr auto interval = 20ms;
constexpr auto patience = 10s;

}  // namespace

struct Resolver::Request {
  std::string host, port;
  addrinfo hints{};
  gaicb control{};
  std::array<gaicb*, 1> list{&control};

  Request(std::string host_, std::uint16_t port_)
      : host(std::move(host_)), port(std::to_string(port_)) {
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
    control.ar_name = host.c_str();
    control.ar_service = port.c_str();
    control.ar_request = &hints;
  }
  ~Request() {
    if (control.ar_result != nullptr) ::freeaddrinfo(control.ar_result);
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  /// Nobody wants it any more. The C library may still write to it: it is kept until it does not.
  static void abandon(std::unique_ptr<Request> request) {
    static std::vector<Request*> abandoned;  // at the program's end the C library has the rest
    std::erase_if(abandoned, [](Request* one) {
      if (::gai_error(&one->control) == EAI_INPROGRESS) return false;
      delete one;
      return true;
    });
    if (!request || ::gai_error(&request->control) != EAI_INPROGRESS) return;
    if (::gai_cancel(&request->control) != EAI_CANCELED) abandoned.push_back(request.release());
  }
};

Resolver::Resolver(boost::asio::io_context& io) : timer_(io) {}

// What still waits in the loop is void without alive_.
Resolver::~Resolver() {
  try {
    Request::abandon(std::move(request_));
  } catch (...) {  // without memory
  }
}

void Resolver::cancel() {
  timer_.cancel();
  alive_ = std::make_shared<bool>(true);
  handler_ = nullptr;
  Request::abandon(std::move(request_));
}

void Resolver::resolve(const std::string& host, std::uint16_t port, Handler handler) {
  cancel();
  handler_ = std::move(handler);
  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(host, no_address);
  if (!no_address) {
    return after(0ms, [this, endpoint = tcp::endpoint(address, port)] {
      std::exchange(handler_, nullptr)({endpoint}, {});
    });
  }
  request_ = std::make_unique<Request>(host, port);
  deadline_ = std::chrono::steady_clock::now() + patience;
  // Where this fails, gai_error tells so, too.
  ::getaddrinfo_a(GAI_NOWAIT, request_->list.data(), 1, nullptr);
  poll();
}

void Resolver::after(std::chrono::milliseconds pause, std::function<void()> act) {
  timer_.expires_after(pause);
  const std::weak_ptr<bool> current = alive_;
  timer_.async_wait([current, act = std::move(act)](auto error) {
    if (!error && !current.expired()) act();
  });
}

void Resolver::poll() {
  after(interval, [this] {
    const bool is_late = std::chrono::steady_clock::now() >= deadline_;
    if (::gai_error(&request_->control) == EAI_INPROGRESS && !is_late) return poll();
    finish();
  });
}

void Resolver::finish() {
  const int error = ::gai_error(&request_->control);
  std::vector<tcp::endpoint> endpoints;
  std::string problem;
  if (error == EAI_INPROGRESS) {
    problem = "is a name that no server tells the address of";
  } else if (error != 0) {
    problem = fmt::format("has no address: {}", ::gai_strerror(error));
  }
  const addrinfo* one = error == 0 ? request_->control.ar_result : nullptr;
  for (; one != nullptr; one = one->ai_next) {
    tcp::endpoint endpoint;
    if (one->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<const char*>(one->ai_addr), one->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    endpoint.resize(one->ai_addrlen);
    endpoints.push_back(endpoint);
  }
  if (problem.empty() && endpoints.empty()) problem = "has no address";
  Request::abandon(std::move(request_));
  std::exchange(handler_, nullptr)(std::move(endpoints), problem);
}

}  // namespace gentlify::fleet
