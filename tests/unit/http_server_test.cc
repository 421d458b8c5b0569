// Requests over HTTP: what is answered, and what is refused.
#include "lib/engine/http_server.h"

#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

std::optional<HttpPage> pages(std::string_view path) {
  if (path != "/metrics") return {};
  return HttpPage{"text/plain", "one 1\n"};
}

/// The answer to a request, whole.
std::string ask(std::string request) {
  const auto reply = answer_http(request, pages);
  REQUIRE(reply);
  CHECK(reply->last);
  return reply->bytes;
}

std::string get(const std::string& path, const std::string& host = "127.0.0.1:9100") {
  return ask("GET " + path + " HTTP/1.1\r\nUser-Agent: x\r\nhOsT:  " + host + " \r\n\r\n");
}

}  // namespace

TEST_CASE("a page is sent with its type and length, and the connection ends") {
  const std::string answer = get("/metrics?x=1");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.find("Content-Type: text/plain\r\n") != std::string::npos);
  CHECK(answer.find("Content-Length: 6\r\n") != std::string::npos);
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\none 1\n"));
}

TEST_CASE("HEAD gets the same without the page") {
  const std::string answer = ask("HEAD /metrics HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
  CHECK(answer.find("Content-Length: 6\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("a request is not answered before its head is whole") {
  std::string part = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n";
  CHECK_FALSE(answer_http(part, pages));
  part += "\r\n";
  CHECK(answer_http(part, pages));
  CHECK(part.empty());
}

TEST_CASE("what is no page, no GET or no HTTP is refused") {
  CHECK(get("/other").starts_with("HTTP/1.1 404 "));
  CHECK(ask("POST /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 405 "));
  CHECK(ask("status\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(ask("\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(ask("GET /\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(ask("GET / SPDY\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_CASE("a host that is a name is refused, since a web page can make it point here") {
  CHECK(get("/metrics", "evil.example").starts_with("HTTP/1.1 421 "));
  CHECK(get("/metrics", "evil.example:9100").starts_with("HTTP/1.1 421 "));
  CHECK(ask("GET /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 421 "));
  for (const std::string& host :
       std::vector<std::string>{"localhost", "LOCALHOST:9100", "[::1]:9100", "[::1]", "10.0.0.7"}) {
    CHECK(get("/metrics", host).starts_with("HTTP/1.1 200 "));
  }
}

TEST_CASE("an address to listen at is numeric, and this machine's own unless told otherwise") {
  const auto parsed = [](std::string_view text) {
    const auto at = parse_listen_address(text);
    return at ? at->host + ' ' + std::to_string(at->port) : "none";
  };
  CHECK(parsed("9100") == "127.0.0.1 9100");
  CHECK(parsed(":9100") == "127.0.0.1 9100");
  CHECK(parsed("localhost:0") == "127.0.0.1 0");
  CHECK(parsed("0.0.0.0:80") == "0.0.0.0 80");
  CHECK(parsed("[::1]:80") == "::1 80");
  for (const std::string_view bad :
       {"example.org:80", "127.0.0.1:65536", "127.0.0.1:", "::1:80", "1.2.3:80", "1.2.3.4:x"}) {
    CHECK(parsed(bad) == "none");
  }
}
