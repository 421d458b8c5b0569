#include "lib/fleet/resp.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

namespace gentlify::fleet {

namespace {

/// Where a reply is to be put: into its array, or on its own.
Reply* place_of(const redisReadTask* task) {
  if (task->parent == nullptr) return new Reply;
  auto* array = static_cast<Reply*>(task->parent->obj);
  return &array->items[static_cast<std::size_t>(task->idx)];
}

void* make_text(const redisReadTask* task, char* bytes, std::size_t size) {
  Reply* reply = place_of(task);
  reply->kind = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::error
                : task->type == REDIS_REPLY_STATUS ? Reply::Kind::status
                                                   : Reply::Kind::text;
  reply->text.assign(bytes, size);
  return reply;
}

void* make_array(const redisReadTask* task, int size) {
  Reply* reply = place_of(task);
  reply->kind = Reply::Kind::array;
  reply->items.resize(static_cast<std::size_t>(size));
  return reply;
}

void* make_integer(const redisReadTask* task, long long value) {
  Reply* reply = place_of(task);
  reply->kind = Reply::Kind::integer;
  reply->integer = value;
  return reply;
}

void* make_nil(const redisReadTask* task) {
  return place_of(task);
}

void free_reply(void* reply) {
  delete static_cast<Reply*>(reply);
}

redisReplyObjectFunctions* functions() {
  static redisReplyObjectFunctions all = {make_text, make_array, make_integer, make_nil,
                                          free_reply};
  return &all;
}

struct FreeReader {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};

/// Walks along the frames of replies, one byte after the other, and says no to sizes before
/// anything is kept or made for them: hiredis believes whatever it is told.
class Walker {
 public:
  /// Where the next reply ends, as a count of bytes taken; `bytes.size()` where it does not.
  /// `is_whole` tells which.
  std::size_t walk(std::string_view bytes) {
    std::size_t taken = 0;
    is_whole_ = false;
    while (taken < bytes.size() && defect_.empty() && !is_whole_) {
      taken += body_ > 0 ? skip_body(bytes.substr(taken)) : take(bytes[taken]);
    }
    return taken;
  }

  bool is_whole() const { return is_whole_; }
  const std::string& defect() const { return defect_; }

 private:
  enum class State { type, number, line, line_end, body_end, body_end_2 };

  std::size_t take(char c) {
    if (++size_ > longest_reply) {
      defect_ = too_much;
      return 1;
    }
    switch (state_) {
      case State::type: begin(c); break;
      case State::number: take_number(c); break;
      case State::line:
        if (c == '\r') state_ = State::line_end;
        break;
      case State::line_end: take_line_end(c); break;
      case State::body_end: c == '\r' ? void(state_ = State::body_end_2) : fail(); break;
      case State::body_end_2: c == '\n' ? end_value() : fail(); break;
    }
    return 1;
  }

  /// A carriage return alone belongs to the line, as hiredis sees it.
  void take_line_end(char c) {
    if (c == '\n') {
      end_line();
    } else if (is_number()) {
      fail();
    } else if (c != '\r') {
      state_ = State::line;
    }
  }

  std::size_t skip_body(std::string_view bytes) {
    const std::size_t size = std::min(body_, bytes.size());
    body_ -= size;
    size_ += size;  // checked when it was announced
    return size;
  }

  bool is_number() const { return type_ == ':' || type_ == '$' || type_ == '*'; }

  void begin(char type) {
    type_ = type;
    digits_ = 0;
    state_ = is_number() ? State::number : State::line;
    if (!is_number() && type != '+' && type != '-') fail();
  }

  void take_number(char c) {
    if (c == '\r') {
      state_ = State::line_end;
    } else if (digits_ == number_.size() || ((c < '0' || c > '9') && c != '-')) {
      fail();
    } else {
      number_[digits_++] = c;
    }
  }

  void end_line() {
    if (!is_number()) return end_value();
    std::int64_t value = 0;
    const char* const last = number_.data() + digits_;
    const auto [end, error] = std::from_chars(number_.data(), last, value);
    if (error != std::errc() || end != last) return fail();
    if (type_ == ':') return end_value();
    if (value < -1) return fail();
    if (value == -1) return end_value();
    type_ == '$' ? begin_body(value) : begin_array(value);
  }

  void begin_body(std::int64_t size) {
    if (size > static_cast<std::int64_t>(longest_reply - size_)) {
      defect_ = too_much;
      return;
    }
    body_ = static_cast<std::size_t>(size);
    state_ = State::body_end;
  }

  void begin_array(std::int64_t size) {
    if (size > static_cast<std::int64_t>(most_items - items_) || depth_ == left_.size()) {
      defect_ = too_much;
      return;
    }
    if (size == 0) return end_value();
    items_ += static_cast<std::size_t>(size);
    left_[depth_++] = static_cast<std::size_t>(size);
    state_ = State::type;
  }

  void end_value() {
    state_ = State::type;
    while (depth_ > 0) {
      if (--left_[depth_ - 1] > 0) return;
      --depth_;
    }
    is_whole_ = true;
    size_ = items_ = 0;
  }

  void fail() { defect_ = "what came is not RESP"; }

  static constexpr const char* too_much = "the reply is larger than any that a fleet gets";

  State state_ = State::type;
  char type_ = 0;
  std::array<char, 20> number_{};
  std::size_t digits_ = 0;
  std::size_t body_ = 0;  ///< bytes to come of a text
  std::array<std::size_t, deepest_reply> left_{};
  std::size_t depth_ = 0;
  std::size_t size_ = 0;
  std::size_t items_ = 0;
  bool is_whole_ = false;
  std::string defect_;
};

}  // namespace

std::string format_command(std::span<const std::string> words) {
  std::vector<const char*> argv;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    argv.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* bytes = nullptr;
  const int size =
      redisFormatCommandArgv(&bytes, static_cast<int>(words.size()), argv.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  std::string command(bytes, static_cast<std::size_t>(size));
  redisFreeCommand(bytes);
  return command;
}

struct ReplyReader::State {
  std::unique_ptr<redisReader, FreeReader> reader{redisReaderCreateWithFunctions(functions())};
  Walker walker;
  std::size_t whole = 0;    ///< replies that wait in the reader
  std::size_t waiting = 0;  ///< their bytes, and what has come of the next one
  std::string failed;
};

ReplyReader::ReplyReader() : state_(std::make_unique<State>()) {}
ReplyReader::~ReplyReader() = default;
ReplyReader::ReplyReader(ReplyReader&&) noexcept = default;
ReplyReader& ReplyReader::operator=(ReplyReader&&) noexcept = default;

void ReplyReader::add(std::string_view bytes) {
  State& state = *state_;
  while (!bytes.empty() && state.failed.empty()) {
    const std::size_t taken = state.walker.walk(bytes);
    state.failed = state.walker.defect();
    if (!state.failed.empty()) return;
    if (state.walker.is_whole()) ++state.whole;
    state.waiting += taken;
    if (state.waiting > 2 * longest_reply) {
      state.failed = "more replies came than were asked for";
      return;
    }
    redisReaderFeed(state.reader.get(), bytes.data(), taken);
    bytes.remove_prefix(taken);
  }
}

std::optional<Reply> ReplyReader::next() {
  State& state = *state_;
  if (state.whole == 0) return {};
  void* found = nullptr;
  if (redisReaderGetReply(state.reader.get(), &found) != REDIS_OK || found == nullptr) {
    state.failed = "what came is not RESP";
    state.whole = 0;
    return {};
  }
  --state.whole;
  state.waiting = state.reader->len - state.reader->pos;
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(found));
  return std::move(*reply);
}

const std::string& ReplyReader::failed() const {
  return state_->failed;
}

}  // namespace gentlify::fleet
