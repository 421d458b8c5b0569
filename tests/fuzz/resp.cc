// Replies of a server: whatever comes is the same in whatever pieces it comes, what is made of it
// is no larger than a reply may be, and what is read can be written down and read again.
#include "lib/fleet/resp.h"

#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

using namespace gentlify;
using fleet::Reply;
using fuzz::require;

namespace {

/// As a server would send it.
std::string to_bytes(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::text:
      return "$" + std::to_string(reply.text.size()) + "\r\n" + reply.text + "\r\n";
    case Reply::Kind::status: return "+" + reply.text + "\r\n";
    case Reply::Kind::error: return "-" + reply.text + "\r\n";
    case Reply::Kind::integer: return ":" + std::to_string(reply.integer) + "\r\n";
    case Reply::Kind::nil: return "$-1\r\n";
    case Reply::Kind::array: break;
  }
  std::string bytes = "*" + std::to_string(reply.items.size()) + "\r\n";
  for (const Reply& item : reply.items) bytes += to_bytes(item);
  return bytes;
}

struct Read {
  std::vector<std::string> replies;
  std::string failed;
};

Read read(std::string_view bytes, std::size_t piece) {
  fleet::ReplyReader reader;
  Read result;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    reader.add(part);
    while (const auto reply = reader.next()) result.replies.push_back(to_bytes(*reply));
  }
  result.failed = reader.failed();
  return result;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const std::size_t piece = 1 + fuzz::take_choice(bytes);
  const Read whole = read(bytes, bytes.size() + 1);
  const Read pieces = read(bytes, piece);
  require(whole.replies == pieces.replies, "pieces make no difference", bytes);
  require(whole.failed == pieces.failed, "nor do they to what is wrong", bytes);
  std::string again;
  for (const std::string& reply : whole.replies) again += reply;
  // A nil may have come as *-1, an integer with zeros before it; else they are the same bytes.
  require(again.size() <= bytes.size(), "nothing is made that did not come", bytes);
  const Read second = read(again, piece);
  require(second.replies == whole.replies && second.failed.empty(), "it can be written down",
          bytes);
  return 0;
}
