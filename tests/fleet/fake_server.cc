#include "tests/fleet/fake_server.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <list>

#include "lib/fleet/resp.h"

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using gentlify::fleet::Reply;
using gentlify::fleet::ReplyReader;

namespace {

struct Client {
  explicit Client(tcp::socket s) : socket(std::move(s)) {}
  tcp::socket socket;
  ReplyReader reader;  // a command is an array, as a reply may be
  std::array<char, 65536> received{};
  std::string unsent;
  bool is_sending = false;
  bool ends = false;
};

}  // namespace

struct FakeServer::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io, Answer a)
      : acceptor(io, {asio::ip::address_v4::loopback(), 0}), answer(std::move(a)) {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error) return;
      ++self->connections;
      socket.set_option(tcp::no_delay(true));
      self->clients.push_back(std::make_shared<Client>(std::move(socket)));
      if (self->reads) self->read(self->clients.back());
      self->accept();
    });
  }

  void read(const std::shared_ptr<Client>& client) {
    client->socket.async_read_some(
        asio::buffer(client->received),
        [self = shared_from_this(), client](error_code error, std::size_t size) {
          if (error) return;
          client->reader.add({client->received.data(), size});
          while (const auto command = client->reader.next()) self->take(*client, *command);
          self->send(client);
          self->read(client);
        });
  }

  void take(Client& client, const Reply& reply) {
    Command command;
    for (const Reply& word : reply.items) command.push_back(word.text);
    commands.push_back(command);
    std::string bytes = command.at(0) == "INFO" ? greeting : answer(command);
    if (bytes.ends_with(hang_up)) {
      bytes.resize(bytes.size() - std::string(hang_up).size());
      client.ends = true;
    }
    client.unsent += bytes;
  }

  void send(const std::shared_ptr<Client>& client) {
    if (client->is_sending) return;
    if (client->unsent.empty()) {
      error_code ignored;
      if (client->ends) client->socket.close(ignored);
      return;
    }
    client->is_sending = true;
    const std::size_t size = trickles ? 1 : client->unsent.size();
    auto part = std::make_shared<std::string>(client->unsent.substr(0, size));
    client->unsent.erase(0, size);
    asio::async_write(client->socket, asio::buffer(*part),
                      [self = shared_from_this(), client, part](error_code error, std::size_t) {
                        client->is_sending = false;
                        if (!error) self->send(client);
                      });
  }

  tcp::acceptor acceptor;
  Answer answer;
  std::string greeting = FakeServer::greeting(std::string(40, 'a'));
  std::list<std::shared_ptr<Client>> clients;
  std::vector<Command> commands;
  std::size_t connections = 0;
  bool trickles = false;
  bool reads = true;
};

std::string FakeServer::greeting(const std::string& run_id) {
  std::string info = "# Server\r\nredis_mode:standalone\r\nrun_id:";
  info.append(run_id).append("\r\n");
  std::string bytes = "$";
  return bytes.append(std::to_string(info.size())).append("\r\n").append(info).append("\r\n");
}

FakeServer::FakeServer(asio::io_context& io, Answer answer)
    : state_(std::make_shared<State>(io, std::move(answer))) {
  state_->accept();
}

FakeServer::~FakeServer() {
  shut();
}

std::uint16_t FakeServer::port() const {
  return state_->acceptor.local_endpoint().port();
}
const std::vector<FakeServer::Command>& FakeServer::commands() const {
  return state_->commands;
}
std::size_t FakeServer::connections() const {
  return state_->connections;
}
void FakeServer::set_greeting(const std::string& bytes) {
  state_->greeting = bytes;
}
void FakeServer::trickle() {
  state_->trickles = true;
}
void FakeServer::stop_reading() {
  state_->reads = false;
}

void FakeServer::hang_up_all() {
  error_code ignored;
  for (const auto& client : state_->clients) client->socket.close(ignored);
  state_->clients.clear();
}

void FakeServer::shut() {
  error_code ignored;
  state_->acceptor.close(ignored);
  hang_up_all();
}
