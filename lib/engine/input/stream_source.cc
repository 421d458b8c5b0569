#include "lib/engine/input/stream_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr std::size_t chunk_size = 64 * 1024;
constexpr std::size_t count_size = 256 * 1024;

std::string cannot_read(const std::string& name, int error) {
  return fmt::format("cannot read {}: {}", escape(name), std::strerror(error));
}

}  // namespace

StreamSource::StreamSource(StreamSettings settings)
    : settings_(std::move(settings)), framer_(framer()), tally_{framer(), settings_.keep_empty} {
  for (const std::string& file : settings_.files) {
    Input input;
    const bool standard = file == "-";
    input.name = standard ? "standard input" : file;
    if (!standard) input.owned.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    input.fd = standard ? STDIN_FILENO : input.owned.get();
    struct stat status {};
    if (input.fd < 0 || ::fstat(input.fd, &status) != 0) {
      throw Error(ExitCode::no_input, cannot_read(input.name, errno));
    }
    if (S_ISDIR(status.st_mode)) throw Error(ExitCode::no_input, cannot_read(input.name, EISDIR));
    const int flags = ::fcntl(input.fd, F_GETFL);
    if (flags >= 0 && ((flags & O_ACCMODE) == O_WRONLY || (flags & O_PATH) != 0)) {
      throw Error(ExitCode::no_input, cannot_read(input.name, EBADF));
    }
    input.regular = S_ISREG(status.st_mode);
    input.start = input.regular ? ::lseek(input.fd, 0, SEEK_CUR) : 0;
    inputs_.push_back(std::move(input));
  }
  if (std::any_of(inputs_.begin(), inputs_.end(), [](const Input& i) { return !i.regular; })) {
    counting_ = inputs_.size();  // the end will tell
  } else {
    counted_to_ = inputs_.front().start;
  }
}

StreamSource::~StreamSource() {
  unwatch_input();
}

Source::Read StreamSource::next(Job& job) {
  for (;;) {
    if (take_item(job)) {
      if (!at_end_ && !exhausted() && buffered_ < settings_.read_ahead / 2) watch_input();
      return Read::item;
    }
    if (exhausted()) return Read::end;
    if (at_end_) {
      if (item_size_ > 0 && !gave_up_) {
        framer_.finish();
        if (finish_item(job)) return Read::item;
      }
      next_input();
    } else if (inputs_[current_].regular || always_ready_) {
      read_chunk();
      return Read::more;
    } else {
      watch_input();
      if (!always_ready_) return Read::wait;
    }
  }
}

Framer StreamSource::framer() const {
  return settings_.separator ? Framer::table(*settings_.separator)
                             : Framer::delimited(settings_.delimiter);
}

/// Takes bytes from the chunks up to the next end of an item; true where that made an item.
bool StreamSource::take_item(Job& job) {
  while (!chunks_.empty()) {
    Chunk& chunk = chunks_.front();
    const std::string_view bytes = std::string_view(chunk.bytes).substr(chunk.used);
    const Framer::Cut cut = framer_.cut(bytes);
    const std::string_view piece = bytes.substr(0, cut.length);
    item_size_ += piece.size();
    if (item_size_ <= settings_.max_item)
      item_ += piece;
    else
      item_.clear();
    has_nul_ = has_nul_ || piece.find('\0') != std::string_view::npos;
    chunk.used += cut.length + cut.skip;
    buffered_ -= cut.length + cut.skip;
    if (chunk.used == chunk.bytes.size()) chunks_.pop_front();
    if (cut.ended && finish_item(job)) return true;
  }
  return false;
}

/// Makes a job of the bytes since the last end of an item; false where they are to be skipped.
bool StreamSource::finish_item(Job& job) {
  const std::uint64_t size = std::exchange(item_size_, 0);
  const bool nul = std::exchange(has_nul_, false);
  if (size == 0 && !settings_.keep_empty) return false;
  ++given_;
  job.line = counts_lines() ? framer_.record_line() : 0;
  job.item = std::exchange(item_, {});
  job.defect.clear();
  if (size > settings_.max_item) {
    job.defect =
        fmt::format("an item of {} bytes is over --max-line ({})", size, settings_.max_item);
    if (settings_.separator) job.defect += "; is a quote that opens in it not closed?";
  } else if (nul && !settings_.binary) {
    job.defect = "the item holds a NUL byte, which no argument can (is the input for -0?)";
  }
  return true;
}

/// Reads once from the current input; at its end, ends its last item.
void StreamSource::read_chunk() {
  Input& input = inputs_[current_];
  if (chunks_.empty() || chunks_.back().bytes.size() == chunk_size) chunks_.push_back({});
  std::string& bytes = chunks_.back().bytes;
  const std::size_t before = bytes.size();
  bytes.resize(chunk_size);
  const ssize_t n = ::read(input.fd, bytes.data() + before, chunk_size - before);
  const int error = n < 0 ? errno : 0;
  bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  if (n > 0) {
    buffered_ += static_cast<std::size_t>(n);
  } else if (error != EAGAIN && error != EINTR) {
    if (error != 0 && error_.empty()) error_ = cannot_read(input.name, error);
    unwatch_input();
    at_end_ = true;
    if (chunks_.back().bytes.empty()) chunks_.pop_back();
    if (current_ + 1 == inputs_.size()) count_buffered();
  } else if (bytes.empty()) {
    chunks_.pop_back();
  }
}

void StreamSource::next_input() {
  unwatch_input();
  inputs_[current_].owned.reset();
  ++current_;
  at_end_ = false;
  always_ready_ = false;
  framer_.restart();
  item_.clear();
  item_size_ = 0;
  gave_up_ = false;
}

void StreamSource::give_up() {
  if (is_bounded()) return;
  unwatch_input();
  at_end_ = true;
  gave_up_ = true;
}

void StreamSource::attach(Watch& watch) {
  watch_ = &watch;
  if (!inputs_[current_].regular) watch_input();
}

void StreamSource::detach() {
  unwatch_input();
  watch_ = nullptr;
}

void StreamSource::watch_input() {
  if (watching_ || watch_ == nullptr || always_ready_ || inputs_[current_].regular) return;
  watching_ = watch_->add(inputs_[current_].fd, EPOLLIN, *this);
  always_ready_ = !watching_;
}

void StreamSource::unwatch_input() {
  if (!watching_) return;
  watch_->remove(inputs_[current_].fd, *this);
  watching_ = false;
}

void StreamSource::on_ready(std::uint32_t) {
  // Someone who shares the pipe with us may have been faster, and a read would block.
  pollfd query{inputs_[current_].fd, POLLIN, 0};
  if (::poll(&query, 1, 0) == 1) read_chunk();
  if (buffered_ >= settings_.read_ahead) unwatch_input();
}

bool StreamSource::wait(Duration patience) {
  if (exhausted() || at_end_) return true;
  pollfd query{inputs_[current_].fd, POLLIN, 0};
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
  const int ready = ::poll(&query, 1, patience == Duration::max() ? -1 : static_cast<int>(ms));
  if (ready == 1) read_chunk();
  return ready != 0;
}

void StreamSource::Tally::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const Framer::Cut cut = framer.cut(bytes);
    size += cut.length;
    if (cut.ended) finish();
    bytes.remove_prefix(cut.length + cut.skip);
  }
}

void StreamSource::Tally::finish() {
  if (size > 0 || keep_empty) ++items;
  size = 0;
}

/// The last input has come to its end: what is buffered is all that will come.
void StreamSource::count_buffered() {
  total_.reset();  // the count on the side may have seen the file when it was shorter
  total_ = given_ + rest().items;
}

std::optional<std::uint64_t> StreamSource::total() {
  return total_;
}

Source::Rest StreamSource::rest() {
  if (total_) return {*total_ - std::min(*total_, given_), true};
  Tally tally{framer_, settings_.keep_empty, item_size_, 0};
  for (const Chunk& chunk : chunks_) tally.take(std::string_view(chunk.bytes).substr(chunk.used));
  const bool complete = exhausted() || (at_end_ && current_ + 1 == inputs_.size());
  if (complete && tally.size > 0) tally.finish();
  return {tally.items, complete};
}

bool StreamSource::count_some() {
  if (counting_ == inputs_.size()) return false;
  const Input& input = inputs_[counting_];
  std::string bytes(count_size, '\0');
  // Where the items are taken faster than they are counted, the end of the input tells.
  const ssize_t n = input.fd >= 0 && counting_ >= current_
                        ? ::pread(input.fd, bytes.data(), bytes.size(), counted_to_)
                        : -1;
  if (n < 0) {
    counting_ = inputs_.size();
    return false;
  }
  tally_.take({bytes.data(), static_cast<std::size_t>(n)});
  counted_to_ += n;
  if (n > 0) return true;
  if (tally_.size > 0) tally_.finish();
  tally_.framer = framer();
  if (++counting_ < inputs_.size()) {
    counted_to_ = inputs_[counting_].start;
    return true;
  }
  if (!total_) total_ = tally_.items;
  return false;
}

}  // namespace gentlify
