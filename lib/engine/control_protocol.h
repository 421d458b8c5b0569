// What goes over the socket of a run (see control_socket.h), for both ends.
//
//   request   words with single spaces between them, and a newline: "set max_concurrency 8\n"
//   answer    "CODE LENGTH\n" and so many bytes. CODE is 0, or else the exit code for what the
//             bytes, a sentence, say went wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/exit_code.h"

namespace gentlify::control {

/// The longest request, its newline included.
inline constexpr std::size_t longest_request = 4096;
/// The longest answer that a client takes.
inline constexpr std::size_t longest_answer = std::size_t{16} << 20;

struct Answer {
  ExitCode code = ExitCode::ok;
  std::string text;
};

/// No byte is one that no request has.
bool is_text(std::string_view received);

/// Takes the first whole request off `received`, and its newline; nothing where none is whole.
std::optional<std::string> take_request(std::string& received);

/// Words that are not empty.
std::vector<std::string_view> words_of(std::string_view request);

std::string to_bytes(const Answer& answer);

/// How far an answer has come.
struct Received {
  enum class State { partial, whole, broken };
  State state = State::partial;
  Answer answer = {};
};
Received receive(std::string_view bytes);

}  // namespace gentlify::control
