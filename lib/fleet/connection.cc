#include "lib/fleet/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <random>
#include <string_view>
#include <utility>

#include "lib/core/text.h"
#include "lib/fleet/resolver.h"
#include "lib/fleet/trouble.h"
#include "lib/fleet/wire.h"

namespace gentlify::fleet {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_unwritten = 4 << 20;
constexpr std::size_t run_id_digits = 40;

std::string show(const Place& place) {
  const bool is_v6 = place.host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", place.host, place.port)
               : fmt::format("{}:{}", place.host, place.port);
}

bool is_run_id(std::string_view text) {
  return text.size() == run_id_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A command whose reply has not come.
struct Pending {
  enum class Kind { call, auth, info };
  Kind kind = Kind::call;
  Connection::Handler handler;
  std::vector<std::string> words;  ///< EVALSHA's, as long as the script may not be known
  std::string_view script;         ///< its text
  Clock::time_point deadline;
};

/// One connection, from connecting on until it is lost. What the loop holds of a former one is
/// known by its not being the present one.
struct Link {
  Link(asio::io_context& io, asio::ssl::context* tls) : wire(io, tls) {}

  Wire wire;
  ReplyReader reader;
  std::array<char, 16384> received{};
  std::string writing;  ///< is being written
  std::string waiting;  ///< comes after it
  std::deque<Pending> pending;
  bool is_connected = false;
  bool is_open = false;
  bool is_proved = false;  ///< a command was answered
  bool is_choked = false;
  bool is_watched = false;  ///< the timer waits for a deadline
};

using LinkPtr = std::shared_ptr<Link>;

}  // namespace

class Connection::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Address address, Listener listener, ConnectionTimes times)
      : io_(io),
        address_(std::move(address)),
        listener_(std::move(listener)),
        times_(times),
        resolver_(io),
        deadline_(io),
        pause_(io) {}

  void open();
  void close();
  bool is_open() const { return link_ && link_->is_open && !link_->is_choked; }
  const std::string& run_id() const { return run_id_; }
  bool is_refused() const { return is_refused_; }
  void call(const Script& script, const std::vector<std::string>& keys,
            const std::vector<std::string>& args, Handler handler);
  void call(const std::vector<std::string>& words, Handler handler);

 private:
  void seek();
  void try_next();
  void greet();
  void take_info(const Reply& reply);

  void send(Pending pending, const std::vector<std::string>& words);
  void write();
  void read();
  void take_bytes(std::string_view bytes);
  void take(const Reply& reply);
  void take_error(const Reply& reply, Pending pending);
  void answer(const Reply& reply, const Handler& handler);

  /// Has the timer wait for the deadline of the first pending command.
  void watch();
  void give_up_later(const Handler& handler);

  /// The present address is of no use: the next one, or `lose`.
  void fail(const std::string& problem);
  void lose(const std::string& problem, Trouble trouble = Trouble::away);
  Clock::duration next_pause();

  std::string name() const { return fmt::format("the engine at {}", show(place_)); }
  std::string late() const;

  asio::io_context& io_;
  Address address_;
  Listener listener_;
  ConnectionTimes times_;
  std::optional<asio::ssl::context> tls_;
  Resolver resolver_;
  asio::steady_timer deadline_;
  asio::steady_timer pause_;
  std::minstd_rand random_{std::random_device{}()};

  bool is_wanted_ = false;
  std::uint64_t opening_ = 0;   ///< rises with open and close: what is of an earlier one is void
  Place place_;                 ///< where we go, or are
  std::optional<Place> moved_;  ///< where a server has sent us
  std::vector<asio::ip::tcp::endpoint> endpoints_;
  std::size_t next_endpoint_ = 0;
  LinkPtr link_;
  std::string run_id_;
  bool is_refused_ = false;
  unsigned failures_ = 0;  ///< since a command was answered
};

void Connection::Impl::open() {
  if (is_wanted_) return;
  is_wanted_ = true;
  ++opening_;
  if (address_.tls && !tls_) tls_ = make_tls();
  seek();
}

void Connection::Impl::close() {
  is_wanted_ = false;
  ++opening_;
  resolver_.cancel();
  deadline_.cancel();
  pause_.cancel();
  if (link_) link_->wire.close();
  // Handlers may hold what ends with them.
  const LinkPtr last = std::exchange(link_, nullptr);
  if (last) std::exchange(last->pending, {}).clear();
}

void Connection::Impl::seek() {
  place_ = moved_.value_or(Place{address_.host, address_.port});
  resolver_.resolve(place_.host, place_.port,
                    [self = shared_from_this()](auto endpoints, const std::string& problem) {
                      if (!problem.empty()) return self->lose(self->name() + ' ' + problem);
                      self->endpoints_ = std::move(endpoints);
                      self->next_endpoint_ = 0;
                      self->try_next();
                    });
}

void Connection::Impl::try_next() {
  const LinkPtr link = link_ = std::make_shared<Link>(io_, tls_ ? &*tls_ : nullptr);
  const auto endpoint = endpoints_[next_endpoint_++];
  deadline_.expires_after(times_.connect);
  deadline_.async_wait([self = shared_from_this(), link](error_code error) {
    if (error || link != self->link_ || link->is_connected) return;
    self->fail(self->late());
  });
  link->wire.connect(endpoint, place_.host, [self = shared_from_this(), link](error_code error) {
    if (link != self->link_) return;
    if (!error) return self->greet();
    const std::string doubt = link->wire.certificate_problem();
    self->fail(doubt.empty()
                   ? fmt::format("{} cannot be reached: {}", self->name(), escape(error.message()))
                   : fmt::format("{} has a certificate that is not to be trusted: {}", self->name(),
                                 doubt));
  });
}

void Connection::Impl::greet() {
  link_->is_connected = true;
  read();
  std::vector<std::string> words = {"AUTH"};
  if (!address_.user.empty()) words.push_back(address_.user);
  if (!address_.user.empty() || !address_.password.empty()) {
    words.push_back(address_.password);
    send({Pending::Kind::auth, {}, {}, {}, {}}, words);
  }
  send({Pending::Kind::info, {}, {}, {}, {}}, {"INFO", "server"});
}

void Connection::Impl::take_info(const Reply& reply) {
  const std::string_view id = info_value(reply.text, "run_id");
  if (reply.kind != Reply::Kind::text || !is_run_id(id)) {
    return fail(name() + " is no Redis: it does not tell its run_id");
  }
  if (info_value(reply.text, "redis_mode") == "sentinel") {
    return fail(name() + " is a sentinel; a fleet needs the server that it watches");
  }
  run_id_ = id;
  link_->is_open = true;
  listener_.opened();
}

void Connection::Impl::call(const Script& script, const std::vector<std::string>& keys,
                            const std::vector<std::string>& args, Handler handler) {
  if (!is_open()) return give_up_later(handler);
  std::vector<std::string> words = {"EVALSHA", std::string(script.sha1),
                                    std::to_string(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), args.begin(), args.end());
  send({Pending::Kind::call, std::move(handler), words, script.text, {}}, words);
}

void Connection::Impl::call(const std::vector<std::string>& words, Handler handler) {
  if (!is_open()) return give_up_later(handler);
  send({Pending::Kind::call, std::move(handler), {}, {}, {}}, words);
}

void Connection::Impl::give_up_later(const Handler& handler) {
  asio::post(io_, [self = shared_from_this(), opening = opening_, handler] {
    if (opening == self->opening_) handler(std::nullopt);
  });
}

void Connection::Impl::send(Pending pending, const std::vector<std::string>& words) {
  const std::string bytes = format_command(words);
  pending.deadline = Clock::now() + times_.reply;
  link_->pending.push_back(std::move(pending));
  if (link_->writing.size() + link_->waiting.size() + bytes.size() > most_unwritten) {
    link_->is_choked = true;
    asio::post(io_, [self = shared_from_this(), link = link_] {
      if (link == self->link_) self->lose(self->name() + " does not read what is sent to it");
    });
    return;
  }
  link_->waiting += bytes;
  write();
  watch();
}

void Connection::Impl::write() {
  const LinkPtr link = link_;
  if (!link->writing.empty() || link->waiting.empty()) return;
  link->writing.swap(link->waiting);
  link->wire.write(asio::buffer(link->writing),
                   [self = shared_from_this(), link](error_code error, std::size_t) {
                     // Why it failed, if it did, is told by what is read: a last reply perhaps.
                     if (link != self->link_ || error) return;
                     link->writing.clear();
                     self->write();
                   });
}

void Connection::Impl::read() {
  const LinkPtr link = link_;
  link->wire.read_some(asio::buffer(link->received), [self = shared_from_this(), link](
                                                         error_code error, std::size_t size) {
    if (link != self->link_) return;
    if (error) {
      const std::string why = error == asio::error::eof ? "" : ": " + escape(error.message());
      return self->fail(self->name() + " has closed the connection" + why);
    }
    self->take_bytes({link->received.data(), size});
    if (link == self->link_) self->read();
  });
}

void Connection::Impl::take_bytes(std::string_view bytes) {
  const LinkPtr link = link_;
  link->reader.add(bytes);
  while (auto reply = link->reader.next()) {
    take(*reply);
    if (link != link_) return;
  }
  if (!link->reader.failed().empty()) fail(name() + ": " + link->reader.failed());
}

void Connection::Impl::take(const Reply& reply) {
  if (link_->pending.empty()) return fail(name() + " answers what it was not asked");
  Pending pending = std::move(link_->pending.front());
  link_->pending.pop_front();
  if (reply.is_error()) return take_error(reply, std::move(pending));
  switch (pending.kind) {
    case Pending::Kind::auth: return;
    case Pending::Kind::info: return take_info(reply);
    case Pending::Kind::call: return answer(reply, pending.handler);
  }
}

void Connection::Impl::take_error(const Reply& reply, Pending pending) {
  const bool is_script = !pending.script.empty();
  if (is_script && !link_->is_choked && reply.text.starts_with("NOSCRIPT")) {
    std::vector<std::string> words = std::move(pending.words);
    words[0] = "EVAL";
    words[1] = pending.script;
    return send({Pending::Kind::call, std::move(pending.handler), {}, {}, {}}, words);
  }
  Trouble trouble = trouble_of(reply.text);
  if (pending.kind == Pending::Kind::auth && trouble == Trouble::none) trouble = Trouble::refused;
  if (pending.kind == Pending::Kind::call && trouble == Trouble::none) {
    return answer(reply, pending.handler);
  }
  if (trouble == Trouble::moved) {
    moved_ = place_moved_to(reply.text, place_);
    if (!moved_) trouble = Trouble::away;
  }
  link_->pending.push_front(std::move(pending));
  lose(name() + ' ' + describe_trouble(reply.text, address_), trouble);
}

void Connection::Impl::answer(const Reply& reply, const Handler& handler) {
  link_->is_proved = true;
  is_refused_ = false;
  failures_ = 0;
  handler(reply);
}

void Connection::Impl::watch() {
  const LinkPtr link = link_;
  if (link->is_watched || link->pending.empty()) return;
  link->is_watched = true;
  deadline_.expires_at(link->pending.front().deadline);
  deadline_.async_wait([self = shared_from_this(), link](error_code error) {
    if (error || link != self->link_) return;
    link->is_watched = false;
    const bool is_late = !link->pending.empty() && link->pending.front().deadline <= Clock::now();
    is_late ? self->fail(self->late()) : self->watch();
  });
}

std::string Connection::Impl::late() const {
  const auto patience = link_->is_connected ? times_.reply : times_.connect;
  return fmt::format("{} does not answer within {}", name(), human(patience));
}

void Connection::Impl::fail(const std::string& problem) {
  if (link_->is_open || next_endpoint_ == endpoints_.size()) return lose(problem);
  link_->wire.close();
  try_next();
}

void Connection::Impl::lose(const std::string& problem, Trouble trouble) {
  resolver_.cancel();
  deadline_.cancel();
  const LinkPtr link = std::exchange(link_, nullptr);
  if (link) link->wire.close();
  is_refused_ = trouble == Trouble::refused;
  // Where we were sent may be wrong, or have gone.
  if (trouble != Trouble::moved && !(link && link->is_proved)) moved_.reset();

  const std::uint64_t opening = opening_;
  pause_.expires_after(next_pause());
  pause_.async_wait([self = shared_from_this(), opening](error_code error) {
    if (!error && opening == self->opening_) self->seek();
  });

  std::deque<Pending> lost;
  if (link) lost.swap(link->pending);
  for (const Pending& pending : lost) {
    if (pending.handler) pending.handler(std::nullopt);
    if (opening != opening_) return;
  }
  listener_.closed(problem);
}

Clock::duration Connection::Impl::next_pause() {
  const unsigned doublings = std::min(failures_++, 20U);
  const auto pause = std::min(times_.first_pause * (1 << doublings), times_.longest_pause);
  std::uniform_real_distribution<double> part(0.5, 1.0);
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double, std::milli>(pause) * part(random_));
}

Connection::Connection(asio::io_context& io, Address address, Listener listener,
                       ConnectionTimes times)
    : impl_(std::make_shared<Impl>(io, std::move(address), std::move(listener), times)) {}

Connection::~Connection() {
  try {
    impl_->close();
  } catch (...) {  // cancelling a timer may throw, as Asio declares it, and does not
  }
}

void Connection::open() {
  impl_->open();
}
void Connection::close() {
  impl_->close();
}
bool Connection::is_open() const {
  return impl_->is_open();
}
const std::string& Connection::run_id() const {
  return impl_->run_id();
}
bool Connection::is_refused() const {
  return impl_->is_refused();
}

void Connection::call(const Script& script, const std::vector<std::string>& keys,
                      const std::vector<std::string>& args, Handler handler) {
  impl_->call(script, keys, args, std::move(handler));
}

void Connection::call(const std::vector<std::string>& words, Handler handler) {
  impl_->call(words, std::move(handler));
}

}  // namespace gentlify::fleet
