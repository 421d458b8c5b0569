// A connection through TLS to a real redis-server, with a certificate of the test's own.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/fleet/client.h"
#include "tests/fleet/redis_server.h"
#include "tests/unit/catch.h"

namespace {

using boost::asio::ip::tcp;

/// A directory with certificates, one of them believed in by who connects from here.
struct Certificates {
  Certificates() {
    std::string name = std::filesystem::temp_directory_path() / "gentlify-tls-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory = name;
  }
  ~Certificates() {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(directory);
  }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  std::string path(const std::string& name) const { return directory + '/' + name; }

  /// NAME.pem and NAME.key, signed by itself, for the host `subject` ("DNS:localhost").
  void make(const std::string& name, const std::string& subject) const {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
        "/CN=test -addext subjectAltName=" +
        subject + " -keyout " + path(name + ".key") + " -out " + path(name + ".pem") +
        " >/dev/null 2>&1";
    REQUIRE(std::system(command.c_str()) == 0);
  }

  void trust(const std::string& name) const {
    ::setenv("SSL_CERT_FILE", path(name + ".pem").c_str(), 1);
  }

  std::string directory;
};

std::uint16_t free_port(boost::asio::io_context& io) {
  return tcp::acceptor(io, {boost::asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
}

struct TlsServer {
  TlsServer(boost::asio::io_context& io, const Certificates& certificates)
      : port(free_port(io)),
        server({"--tls-port", std::to_string(port), "--tls-auth-clients", "no", "--tls-cert-file",
                certificates.path("server.pem"), "--tls-key-file", certificates.path("server.key"),
                "--tls-ca-cert-file", certificates.path("server.pem"), "--requirepass", "secret"}) {
  }

  std::string url(const std::string& host) const {
    return "rediss://:secret@" + host + ":" + std::to_string(port) + "/test";
  }

  std::uint16_t port;
  RedisServer server;
};

/// Why the engine at `url` could not be reached.
std::string problem_at(boost::asio::io_context& io, const std::string& url,
                       gentlify::fleet::ConnectionTimes times = Client::quick()) {
  Client client(io, url, times);
  client.connection.open();
  client.until([&] { return client.opened + client.closed > 0; });
  return client.problems.empty() ? "" : client.problems.front();
}

}  // namespace

TEST_CASE("through TLS an engine is found whose certificate is for its host") {
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  const Certificates certificates;
  certificates.make("server", "DNS:localhost,IP:127.0.0.1");
  certificates.trust("server");
  TlsServer server(io, certificates);
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    Client client(io, server.url(host));
    client.open();
    CHECK(client.closed == 0);
    CHECK(client.text({"PING"}) == "PONG");
    const std::string large(900'000, 'x');
    CHECK(client.text({"ECHO", large}) == large);
  }
  Client client(io, server.url("localhost"));
  client.open();
  server.server.kill();
  client.until([&] { return client.closed > 0; });
  server.server.start();
  client.until([&] { return client.opened > 1; });
  CHECK(client.text({"PING"}) == "PONG");
}

TEST_CASE("through TLS no engine is believed whose certificate is another host's, or nobody's") {
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  const Certificates certificates;
  certificates.make("server", "DNS:localhost");
  certificates.make("other", "DNS:localhost");
  TlsServer server(io, certificates);
  certificates.trust("server");
  CHECK(problem_at(io, server.url("localhost")).empty());
  const std::string wrong_host = problem_at(io, server.url("127.0.0.1"));
  CHECK(wrong_host.find("not to be trusted: IP address mismatch") != std::string::npos);
  CHECK(wrong_host.find("secret") == std::string::npos);
  certificates.trust("other");
  CHECK(problem_at(io, server.url("localhost")).find("not to be trusted") != std::string::npos);
}

TEST_CASE("a name that the certificate does not have is not believed") {
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  const Certificates certificates;
  certificates.make("server", "DNS:elsewhere.example");
  certificates.trust("server");
  TlsServer server(io, certificates);
  CHECK(problem_at(io, server.url("localhost")).find("not to be trusted: ") != std::string::npos);
}

TEST_CASE("TLS and none of it do not go together") {
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  const Certificates certificates;
  certificates.make("server", "DNS:localhost");
  certificates.trust("server");
  TlsServer server(io, certificates);
  const std::string plain_port = std::to_string(server.server.port());
  // It waits for the end of what it takes for a command.
  gentlify::fleet::ConnectionTimes times;
  times.connect = std::chrono::milliseconds(100);
  CHECK_FALSE(problem_at(io, "rediss://localhost:" + plain_port + "/test", times).empty());
  const std::string tls_port = std::to_string(server.port);
  CHECK_FALSE(problem_at(io, "redis://localhost:" + tls_port + "/test").empty());
}
