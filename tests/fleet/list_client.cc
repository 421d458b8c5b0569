#include "tests/fleet/list_client.h"

#include <hiredis/hiredis.h>

#include <stdexcept>

using gentlify::fleet::Reply;

namespace {

Reply reply_of(const redisReply& raw) {
  Reply reply;
  switch (raw.type) {
    case REDIS_REPLY_INTEGER: reply.kind = Reply::Kind::integer; break;
    case REDIS_REPLY_NIL: reply.kind = Reply::Kind::nil; break;
    case REDIS_REPLY_ARRAY: reply.kind = Reply::Kind::array; break;
    case REDIS_REPLY_ERROR: reply.kind = Reply::Kind::error; break;
    case REDIS_REPLY_STATUS: reply.kind = Reply::Kind::status; break;
    default: reply.kind = Reply::Kind::text; break;
  }
  reply.integer = raw.integer;
  if (raw.str != nullptr) reply.text.assign(raw.str, raw.len);
  for (std::size_t i = 0; i < raw.elements; ++i) reply.items.push_back(reply_of(*raw.element[i]));
  return reply;
}

}  // namespace

ListClient::ListClient(std::uint16_t port) : redis_(::redisConnect("127.0.0.1", port)) {
  if (redis_ == nullptr || redis_->err != 0) throw std::runtime_error("no redis-server answers");
}

ListClient::~ListClient() {
  ::redisFree(redis_);
}

Reply ListClient::command(const std::vector<std::string>& words) {
  std::vector<const char*> argv;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    argv.push_back(word.data());
    sizes.push_back(word.size());
  }
  auto* raw = static_cast<redisReply*>(
      ::redisCommandArgv(redis_, static_cast<int>(argv.size()), argv.data(), sizes.data()));
  if (raw == nullptr) throw std::runtime_error(std::string("redis: ") + redis_->errstr);
  Reply reply = reply_of(*raw);
  ::freeReplyObject(raw);
  return reply;
}

Reply ListClient::call(const gentlify::fleet::Script& script,
                       std::span<const std::string_view> keys,
                       const std::vector<std::string>& args) {
  std::vector<std::string> words = {"EVALSHA", std::string(script.sha1),
                                    std::to_string(keys.size())};
  for (const std::string_view key : keys) words.push_back("gt:{t}:" + std::string(key));
  words.insert(words.end(), args.begin(), args.end());
  Reply reply = command(words);
  if (!reply.is_error() || !reply.text.starts_with("NOSCRIPT")) return reply;
  words[0] = "EVAL";
  words[1] = std::string(script.text);
  return command(words);
}
