#include "lib/fleet/wire.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace gentlify::fleet {

namespace ssl = boost::asio::ssl;
using boost::asio::ip::tcp;

Wire::Wire(boost::asio::io_context& io, ssl::context* tls) : socket_(io) {
  if (tls != nullptr) tls_.emplace(socket_, *tls);
}

void Wire::connect(const tcp::endpoint& endpoint, const std::string& host,
                   std::function<void(error_code)> done) {
  error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) {
    // Jobs are not to have it.
    ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
    socket_.set_option(tcp::no_delay(true), error);
  }
  // Where it is not open, connecting fails by that.
  socket_.async_connect(endpoint, [this, host, done = std::move(done)](error_code failed) {
    if (failed || !tls_) return done(failed);
    shake_hands(host, done);
  });
}

void Wire::shake_hands(const std::string& host, std::function<void(error_code)> done) {
  SSL* const tls = tls_->native_handle();
  error_code is_name;
  boost::asio::ip::make_address(host, is_name);
  int set = 0;
  if (is_name) {
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    set = SSL_set1_host(tls, host.c_str()) &
          static_cast<int>(SSL_set_tlsext_host_name(tls, host.c_str()));
  } else {  // no name that a server could be asked for by (RFC 6066, 3)
    set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str());
  }
  if (set != 1) return done(boost::asio::error::no_memory);
  tls_->async_handshake(ssl::stream_base::client, std::move(done));
}

void Wire::close() {
  error_code ignored;
  socket_.close(ignored);
}

std::string Wire::certificate_problem() {
  if (!tls_) return {};
  const long result = SSL_get_verify_result(tls_->native_handle());
  if (result == X509_V_OK) return {};
  return X509_verify_cert_error_string(result);
}

ssl::context make_tls() {
  ssl::context tls(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  boost::system::error_code ignored;  // nobody is trusted then
  tls.set_default_verify_paths(ignored);
  tls.set_verify_mode(ssl::verify_peer, ignored);
  return tls;
}

}  // namespace gentlify::fleet
