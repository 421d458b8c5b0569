#include "cli/event_stream.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/values.h"
#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/signals.h"

namespace gentlify {

namespace {

/// With so much waiting for the reader nothing starts.
constexpr std::uint64_t most_waiting = 1 << 20;
/// How often, while it takes nothing, a signal is looked for.
constexpr std::chrono::milliseconds look_each(100);

/// A pipe that nobody reads is not waited for.
int open_file(const std::string& path) {
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
  if (fd >= 0) ::fcntl(fd, F_SETFL, O_WRONLY | O_APPEND);
  return fd;
}

}  // namespace

EventStream::EventStream(const std::string& target, Host& host, JournalText text, Halt& halt)
    : name_("--events " + shell_quote(target)), host_(host), text_(std::move(text)), halt_(halt) {
  const std::optional<int> given = event_descriptor(target);
  fd_.reset(given ? ::fcntl(*given, F_DUPFD_CLOEXEC, 3) : open_file(target));
  if (!fd_)
    throw Error(ExitCode::cannot_create, fmt::format("{}: {}", name_, std::strerror(errno)));
  if (given && (::fcntl(*given, F_GETFL) & O_ACCMODE) == O_RDONLY) {
    throw Error(ExitCode::usage,
                fmt::format("{}: that descriptor is open for reading only", name_));
  }
  stream_ = std::make_unique<OutStream>(host.watch, host.spool, fd_.get());
}

void EventStream::begin(const record::Head& head, const JournalText::Session& session) {
  text_.head(head, session);
}

bool EventStream::commit(TimePoint) {
  std::string& text = text_.pending();
  if (!text.empty()) stream_->add(std::exchange(text, {}));
  stream_->flush();
  if (const int error = stream_->error(); error != 0) lose(std::strerror(error));
  return !lost_;
}

void EventStream::lose(const std::string& why) {
  if (std::exchange(lost_, true)) return;
  if (halt_.lost_record().empty()) {
    halt_.lose_record(fmt::format("{} cannot be written ({})", name_, why));
  }
}

bool EventStream::is_behind() const {
  return stream_->pending() > most_waiting;
}

void EventStream::close(int exit, Duration patience) {
  text_.close(exit);
  TimePoint end = later(monotonic_now(), patience);
  while (commit(monotonic_now()) && stream_->pending() > 0) {
    if (monotonic_now() >= end || end_is_asked_for()) return lose("its reader takes nothing");
    const std::uint64_t before = stream_->pending();
    host_.io.run_one_for(look_each);
    stream_->flush();
    if (stream_->pending() < before) end = later(monotonic_now(), patience);
  }
}

}  // namespace gentlify
