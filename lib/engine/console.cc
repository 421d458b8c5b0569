#include "lib/engine/console.h"

#include <sys/stat.h>

#include <utility>

#include "lib/core/json.h"

namespace gentlify {

namespace {

/// The cursor stands at the head of the status line, where it stays when the terminal wraps that
/// anew because it has become narrower: so all below goes with it.
constexpr std::string_view erase_status = "\r\x1b[J";

bool is_same_file(int a, int b) {
  struct stat first {};
  struct stat second {};
  return ::fstat(a, &first) == 0 && ::fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

}  // namespace

Console::Console(Watch& watch, Spool& spool)
    : out_(watch, spool, 1), err_(watch, spool, 2), one_(is_same_file(1, 2)) {}

void Console::out(std::string_view bytes) {
  if (bytes.empty()) return;
  out_.add(bytes);
  if (one_ || (out_.is_terminal() && err_.is_terminal())) partial_line_ = bytes.back() != '\n';
}

void Console::err(std::string_view bytes) {
  if (one_) return out(bytes);
  if (bytes.empty()) return;
  hide_status();
  err_.add(bytes);
  partial_line_ = bytes.back() != '\n';
}

void Console::out(Kept&& bytes) {
  if (bytes.empty()) return;
  if (one_ || (out_.is_terminal() && err_.is_terminal())) partial_line_ = bytes.last() != '\n';
  out_.append(std::move(bytes));
}

void Console::err(Kept&& bytes) {
  if (one_) return out(std::move(bytes));
  if (bytes.empty()) return;
  hide_status();
  partial_line_ = bytes.last() != '\n';
  err_.append(std::move(bytes));
}

void Console::say(std::string_view sentence) {
  if (json_) return line(JsonObject().add("t", "note").add("text", sentence).text());
  line("gentlify: " + std::string(sentence));
}

void Console::line(std::string_view text) {
  if (one_ && !err_.is_terminal()) {
    // After what is there already.
    if (std::exchange(partial_line_, false)) out_.add("\n");
    out_.add(text);
    out_.add("\n");
    return;
  }
  hide_status();
  end_partial_line();
  err_.add(text);
  err_.add("\n");
}

void Console::set_status(std::string line) {
  if (!err_.is_terminal() || line == status_) return;
  status_ = std::move(line);
  changed_ = true;
}

void Console::flush() {
  if (out_.pending() > 0 && out_.is_terminal()) hide_status();
  err_.flush();
  out_.flush();
  if (!changed_ && (shown_ || status_.empty())) return;
  if (err_.pending() > 0 || (out_.pending() > 0 && out_.is_terminal())) return;
  draw_status();
}

void Console::hide_status() {
  if (!shown_) return;
  err_.add(erase_status);
  shown_ = false;
}

void Console::draw_status() {
  if (!shown_ && !status_.empty()) end_partial_line();
  if (shown_ || !status_.empty()) err_.add(erase_status);
  if (!status_.empty()) err_.add(status_ + '\r');
  err_.flush();
  shown_ = !status_.empty();
  changed_ = false;
}

void Console::end_partial_line() {
  if (partial_line_) err_.add("\n");
  partial_line_ = false;
}

}  // namespace gentlify
