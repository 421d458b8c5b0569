// Pages of a run over HTTP/1.1, for a browser and for Prometheus: GET and HEAD, one request a
// connection, nothing that changes the run.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/engine/server.h"

namespace gentlify {

struct HttpPage {
  std::string type;  ///< of its content: "text/html; charset=utf-8"
  std::string body;
};
/// The page at a path such as "/metrics"; nothing: there is none.
using HttpPages = std::function<std::optional<HttpPage>(std::string_view path)>;

/// The answer to the request at the head of `received`, which is taken off it; nothing while its
/// head is not whole. A Host that is a name, other than localhost, is refused: a web page could
/// have made it point here.
std::optional<Server::Reply> answer_http(std::string& received, const HttpPages& pages);

class HttpServer {
 public:
  /// `address` is numeric: "127.0.0.1:9100", "[::1]:9100"; port 0: any that is free. `pages` is
  /// called in the turns of the loop. Throws Error(cannot_create) where it cannot listen there.
  HttpServer(boost::asio::io_context& io, Watch& watch, const std::string& address,
             HttpPages pages);

  /// "http://127.0.0.1:9100/"
  const std::string& url() const { return url_; }

 private:
  Fd listener_;
  std::string url_;
  Server server_;
};

/// The parts of "HOST:PORT"; an empty HOST, or none before a bare PORT, is 127.0.0.1. Nothing where
/// HOST is no numeric address or localhost, or PORT none.
struct ListenAddress {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
};
std::optional<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace gentlify
