#include "tests/fleet/redis_client.h"

#include <hiredis/hiredis.h>

#include <stdexcept>

using gentlify::fleet::Reply;

namespace {

Reply reply_of(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_STRING: reply.kind = Reply::Kind::text; break;
    case REDIS_REPLY_STATUS: reply.kind = Reply::Kind::status; break;
    case REDIS_REPLY_ERROR: reply.kind = Reply::Kind::error; break;
    case REDIS_REPLY_INTEGER: reply.kind = Reply::Kind::integer; break;
    case REDIS_REPLY_ARRAY: reply.kind = Reply::Kind::array; break;
    default: reply.kind = Reply::Kind::nil; break;
  }
  if (from.str != nullptr) reply.text.assign(from.str, static_cast<std::size_t>(from.len));
  reply.integer = from.integer;
  for (std::size_t i = 0; i < from.elements; ++i) reply.items.push_back(reply_of(*from.element[i]));
  return reply;
}

}  // namespace

void RedisClient::Close::operator()(redisContext* context) const {
  redisFree(context);
}

RedisClient::RedisClient(std::uint16_t port) : context_(redisConnect("127.0.0.1", port)) {
  if (!context_ || context_->err != 0) throw std::runtime_error("no connection to redis-server");
}

int RedisClient::fd() const {
  return context_->fd;
}

Reply RedisClient::call(const std::vector<std::string>& words) {
  send(words);
  return receive();
}

void RedisClient::send(const std::vector<std::string>& words) {
  std::vector<const char*> argv;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    argv.push_back(word.data());
    sizes.push_back(word.size());
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), argv.data(), sizes.data());
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) {
      throw std::runtime_error("redis-server: " + std::string(context_->errstr));
    }
  }
}

Reply RedisClient::receive() {
  void* reply = nullptr;
  if (redisGetReply(context_.get(), &reply) != REDIS_OK || reply == nullptr) {
    throw std::runtime_error("redis-server: " + std::string(context_->errstr));
  }
  const std::unique_ptr<void, void (*)(void*)> owner(reply, freeReplyObject);
  return reply_of(*static_cast<redisReply*>(reply));
}

std::string RedisClient::run_id() {
  const std::string info = call({"INFO", "server"}).text;
  const std::string name = "run_id:";
  return info.substr(info.find(name) + name.size(), 40);
}
