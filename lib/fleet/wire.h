// Bytes to and from one server, in the clear or through TLS.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace gentlify::fleet {

/// What is asked of it may be told after close(): whoever asks keeps it for so long.
class Wire {
 public:
  using error_code = boost::system::error_code;

  /// `tls`: null for none.
  Wire(boost::asio::io_context& io, boost::asio::ssl::context* tls);

  /// To `endpoint`, which is `host`'s: its certificate must say so.
  void connect(const boost::asio::ip::tcp::endpoint& endpoint, const std::string& host,
               std::function<void(error_code)> done);
  void close();
  /// Why the certificate is not believed; empty: it is, or has not been seen.
  std::string certificate_problem();

  template <class Buffer, class Done>
  void read_some(const Buffer& buffer, Done done) {
    if (tls_) {
      tls_->async_read_some(buffer, std::move(done));
    } else {
      socket_.async_read_some(buffer, std::move(done));
    }
  }

  template <class Buffer, class Done>
  void write(const Buffer& buffer, Done done) {
    if (tls_) {
      boost::asio::async_write(*tls_, buffer, std::move(done));
    } else {
      boost::asio::async_write(socket_, buffer, std::move(done));
    }
  }

 private:
  void shake_hands(const std::string& host, std::function<void(error_code)> done);

  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

/// Trusts who the system trusts, or $SSL_CERT_FILE and $SSL_CERT_DIR.
boost::asio::ssl::context make_tls();

}  // namespace gentlify::fleet
