// RESP2, the bytes that Redis speaks; hiredis makes and reads them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gentlify::fleet {

/// What a server answers.
struct Reply {
  enum class Kind { text, status, error, integer, nil, array };
  Kind kind = Kind::nil;
  std::string text;          ///< of text, status and error
  std::int64_t integer = 0;  ///< of integer
  std::vector<Reply> items;  ///< of array

  bool is_error() const { return kind == Kind::error; }
};

/// A command as the server reads it.
std::string format_command(std::span<const std::string> words);

/// A reply that has more bytes, items or levels than any of ours is not read on.
inline constexpr std::size_t longest_reply = 1 << 20;
inline constexpr std::size_t most_items = 1 << 14;  ///< on all its levels
inline constexpr std::size_t deepest_reply = 6;     ///< arrays in each other

/// Takes bytes as they come and gives whole replies. What a reply announces is refused before
/// anything is kept for it: memory is bounded, by three times longest_reply at most.
class ReplyReader {
 public:
  ReplyReader();
  ~ReplyReader();
  ReplyReader(ReplyReader&&) noexcept;
  ReplyReader& operator=(ReplyReader&&) noexcept;

  void add(std::string_view bytes);
  /// The next reply; nothing: it has not come whole, or `failed`.
  std::optional<Reply> next();
  /// What came is no RESP, or too much; empty: all is well. Nothing is taken after that; whole
  /// replies from before are still given.
  const std::string& failed() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gentlify::fleet
