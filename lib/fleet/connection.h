// One connection to the fleet's engine that comes back when it is lost.
//
// It is opened anew after 0.1 s, and each time after twice as long, up to 2 s, with jitter; every
// address of the host's name is tried. A command that has no reply within 1 s counts as lost, and
// so does one whose reply says that the engine cannot do its work now (LOADING, BUSY, OOM,
// READONLY, MASTERDOWN, CLUSTERDOWN, TRYAGAIN, NOAUTH, ...). MOVED is followed. Nothing is carried
// out twice by it. What waits to be written is 4 MiB at most; then it is lost, too.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/fleet/address.h"
#include "lib/fleet/resp.h"
#include "lib/fleet/scripts.h"

namespace gentlify::fleet {

struct ConnectionTimes {
  std::chrono::milliseconds connect{1000};  ///< with TLS, for each address
  std::chrono::milliseconds reply{1000};
  std::chrono::milliseconds first_pause{100};
  std::chrono::milliseconds longest_pause{2000};
};

class Connection {
 public:
  /// Called in the turns of the loop, never from within a call of ours. Nothing: the command was
  /// lost, and whether it was carried out is not known.
  using Handler = std::function<void(const std::optional<Reply>&)>;

  struct Listener {
    std::function<void()> opened;                            ///< run_id() is known
    std::function<void(const std::string& problem)> closed;  ///< or could not be opened
  };

  Connection(boost::asio::io_context& io, Address address, Listener listener,
             ConnectionTimes times = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins to connect, for as long as it takes.
  void open();
  /// Ends it; handlers of what is under way are not called any more.
  void close();

  bool is_open() const;
  /// INFO server: 40 hex digits; another one after a restart.
  const std::string& run_id() const;
  /// It was lost, or not opened, because the engine refuses us: a password or a right is missing.
  bool is_refused() const;

  /// EVALSHA, and EVAL where the engine does not know the script: then after the commands that were
  /// called meanwhile. Where it is not open, the command is lost at once.
  void call(const Script& script, const std::vector<std::string>& keys,
            const std::vector<std::string>& args, Handler handler);
  /// Any other command.
  void call(const std::vector<std::string>& words, Handler handler);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace gentlify::fleet
