// The socket through which a run is looked at and steered while it goes, by its own user alone.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lib/engine/control_protocol.h"
#include "lib/engine/server.h"
#include "lib/engine/unix_socket.h"

namespace gentlify {

class ControlSocket {
 public:
  using Answers = std::function<control::Answer(std::string_view request)>;

  /// `answers` is called in the turns of the loop. Throws as ListeningSocket does.
  ControlSocket(boost::asio::io_context& io, Watch& watch, const std::string& path,
                Answers answers);

 private:
  ListeningSocket listener_;
  Server server_;
};

}  // namespace gentlify
