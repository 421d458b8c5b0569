#include "lib/engine/control_socket.h"

#include <unistd.h>

#include <utility>

namespace gentlify {

namespace {

Server::Reply refusal(ExitCode code, std::string sentence) {
  return {control::to_bytes({code, std::move(sentence)}), true};
}

Server::Protocol protocol(ControlSocket::Answers answers) {
  const Server::Reply no_request =
      refusal(ExitCode::usage, "that is no request: gentlify ctl --help tells what is");
  Server::Protocol protocol;
  protocol.longest = control::longest_request;
  protocol.too_long = no_request.bytes;
  protocol.greet = [](int fd) -> std::optional<Server::Reply> {
    const auto user = user_of(fd);
    if (user == ::geteuid() || user == 0) return {};
    return refusal(ExitCode::no_permission, "this run is another user's");
  };
  protocol.answer = [answers = std::move(answers),
                     no_request](std::string& received) -> std::optional<Server::Reply> {
    if (!control::is_text(received)) return no_request;
    const auto request = control::take_request(received);
    if (!request) return {};
    if (request->size() >= control::longest_request) return no_request;
    return Server::Reply{control::to_bytes(answers(*request))};
  };
  return protocol;
}

}  // namespace

ControlSocket::ControlSocket(boost::asio::io_context& io, Watch& watch, const std::string& path,
                             Answers answers)
    : listener_(path), server_(io, watch, listener_.fd(), protocol(std::move(answers))) {}

}  // namespace gentlify
