#include "lib/engine/http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr int backlog = 128;
constexpr std::size_t longest_head = 8192;
constexpr std::string_view loopback = "127.0.0.1";

Server::Reply reply(std::string_view status, const HttpPage& page, bool with_body = true) {
  std::string bytes = fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
      status, page.type, page.body.size());
  if (with_body) bytes += page.body;
  return {std::move(bytes), true};
}

Server::Reply refusal(std::string_view status, std::string_view sentence) {
  return reply(status, {"text/plain; charset=utf-8", std::string(sentence) + '\n'});
}

bool same_but_for_case(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + ('a' - 'A')) : x) == y;
  });
}

/// The value of the header `name`, which is in lower case.
std::string_view header(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !same_but_for_case(line.substr(0, colon), name)) {
      continue;
    }
    line.remove_prefix(colon + 1);
    const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
    return line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
  }
  return {};
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

/// The socket's own address and port.
ListenAddress bound_address(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return {fmt::format("[{}]", text.data()), ntohs(v6.sin6_port)};
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  return {text.data(), ntohs(v4.sin_port)};
}

Fd listen_at(const ListenAddress& at) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(at.port);
  const bool is_v4 = ::inet_pton(AF_INET, at.host.c_str(), &v4.sin_addr) == 1;
  if (!is_v4) ::inet_pton(AF_INET6, at.host.c_str(), &v6.sin6_addr);
  Fd fd(::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fd;
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto* address =
      is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  const socklen_t size = is_v4 ? sizeof v4 : sizeof v6;
  if (::bind(fd.get(), address, size) == 0 && ::listen(fd.get(), backlog) == 0) return fd;
  const int error = errno;
  fd.reset();
  errno = error;
  return fd;
}

Fd listen_at(const std::string& address) {
  const auto at = parse_listen_address(address);
  Fd fd = at ? listen_at(*at) : Fd();
  if (!fd) {
    throw Error(ExitCode::cannot_create, fmt::format("--listen {}: {}", shell_quote(address),
                                                     std::strerror(at ? errno : EINVAL)));
  }
  return fd;
}

Server::Protocol protocol(HttpPages pages) {
  Server::Protocol protocol;
  protocol.greet = [](int) { return std::nullopt; };
  protocol.answer = [pages = std::move(pages)](std::string& received) {
    return answer_http(received, pages);
  };
  protocol.longest = longest_head;
  protocol.too_long = refusal("431 Request Header Fields Too Large", "that is too long").bytes;
  return protocol;
}

std::string url_of(int fd) {
  const ListenAddress at = bound_address(fd);
  return fmt::format("http://{}:{}/", at.host, at.port);
}

}  // namespace

std::optional<Server::Reply> answer_http(std::string& received, const HttpPages& pages) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  const std::string head = received.substr(0, end);
  received.clear();  // what may follow is nothing to us
  const std::string_view line = std::string_view(head).substr(0, head.find("\r\n"));
  const std::size_t space = line.find(' ');
  const std::size_t second = line.find(' ', std::min(space, line.size() - 1) + 1);
  if (second == std::string_view::npos || !line.substr(second + 1).starts_with("HTTP/1.")) {
    return refusal("400 Bad Request", "that is no request of HTTP/1.1");
  }
  const std::string_view method = line.substr(0, space);
  std::string_view path = line.substr(space + 1, second - space - 1);
  const auto host = parse_listen_address(header(head, "host"));
  if (!host) {
    return refusal("421 Misdirected Request", "this run is at a numeric address, or localhost");
  }
  if (method != "GET" && method != "HEAD") {
    return refusal("405 Method Not Allowed", "there is GET and HEAD");
  }
  path = path.substr(0, path.find('?'));
  const auto page = pages(path);
  if (!page) return refusal("404 Not Found", "there is nothing of that name");
  return reply("200 OK", *page, method == "GET");
}

HttpServer::HttpServer(boost::asio::io_context& io, Watch& watch, const std::string& address,
                       HttpPages pages)
    : listener_(listen_at(address)),
      url_(url_of(listener_.get())),
      server_(io, watch, listener_.get(), protocol(std::move(pages))) {}

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const bool bracketed = text.ends_with(']');
  std::string_view host = colon == std::string_view::npos ? "" : text.substr(0, colon);
  std::string_view digits = colon == std::string_view::npos ? text : text.substr(colon + 1);
  // A browser leaves the usual port out.
  const bool bare = colon == std::string_view::npos &&
                    text.find_first_not_of("0123456789") != std::string_view::npos;
  if (bracketed || bare) host = text, digits = "80";
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return {};
  }
  if (host.empty() || same_but_for_case(host, "localhost")) host = loopback;
  ListenAddress address{std::string(host), 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc() || end != digits.data() + digits.size() || !is_address(address.host)) {
    return {};
  }
  return address;
}

}  // namespace gentlify
