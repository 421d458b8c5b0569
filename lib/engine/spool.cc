#include "lib/engine/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

#include "lib/core/text.h"

namespace gentlify {

namespace {

/// Less than this is not worth a place in the file.
constexpr std::size_t least_spilled = 16 << 10;
constexpr std::size_t read_size = 64 << 10;
/// Bytes in memory are kept in pieces of this size, so that dropping the first costs little.
constexpr std::size_t piece = 64 << 10;

std::string temporary_directory() {
  const char* directory = std::getenv("TMPDIR");
  return directory != nullptr && *directory != '\0' ? directory : "/tmp";
}

}  // namespace

std::string Spool::why_full() const {
  if (error_ == 0) return "--spool-max is reached";
  return fmt::format("in {}: {}", escape(temporary_directory()), std::strerror(error_));
}

bool Spool::open() {
  if (file_) return true;
  const std::string directory = temporary_directory();
  file_.reset(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file_) return true;
  // Not every file system has files without names.
  std::string path = directory + "/gentlify-XXXXXX";
  file_.reset(::mkostemp(path.data(), O_CLOEXEC));
  if (file_) ::unlink(path.c_str());
  return static_cast<bool>(file_);
}

std::optional<std::uint64_t> Spool::write(std::string_view bytes) {
  refused_ = true;
  error_ = 0;
  if (used_ + bytes.size() > limits_.file) return {};
  if (!open()) {
    error_ = errno;
    return {};
  }
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::pwrite(file_.get(), bytes.data() + done, bytes.size() - done,
                               static_cast<off_t>(end_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      error_ = n < 0 ? errno : ENOSPC;
      return {};
    }
    done += static_cast<std::size_t>(n);
  }
  refused_ = false;
  used_ += bytes.size();
  return std::exchange(end_, end_ + bytes.size());
}

std::size_t Spool::read(std::uint64_t offset, char* into, std::size_t size) const {
  ssize_t n = 0;
  do {
    n = ::pread(file_.get(), into, size, static_cast<off_t>(offset));
  } while (n < 0 && errno == EINTR);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

void Spool::free(std::uint64_t offset, std::uint64_t size) {
  refused_ = false;
  used_ -= size;
  if (used_ == 0) {
    end_ = 0;
    [[maybe_unused]] const int done = ::ftruncate(file_.get(), 0);
  } else {
    ::fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                static_cast<off_t>(size));
  }
}

Kept::Kept(Kept&& other) noexcept
    : spool_(other.spool_),
      segments_(std::exchange(other.segments_, {})),
      first_(std::exchange(other.first_, 0)),
      size_(std::exchange(other.size_, 0)),
      in_memory_(std::exchange(other.in_memory_, 0)),
      last_(other.last_) {}

Kept& Kept::operator=(Kept&& other) noexcept {
  if (this == &other) return *this;
  clear();
  spool_ = other.spool_;
  segments_ = std::exchange(other.segments_, {});
  first_ = std::exchange(other.first_, 0);
  size_ = std::exchange(other.size_, 0);
  in_memory_ = std::exchange(other.in_memory_, 0);
  last_ = other.last_;
  return *this;
}

void Kept::add(std::string_view bytes) {
  if (bytes.empty()) return;
  if (segments_.empty() || segments_.back().in_file || segments_.back().bytes.size() >= piece) {
    segments_.emplace_back();
  }
  Segment& last = segments_.back();
  last_ = bytes.back();
  last.bytes += bytes;
  last.size += bytes.size();
  size_ += bytes.size();
  in_memory_ += bytes.size();
  spool_->in_memory_ += bytes.size();
  if (spool_->over_memory() && in_memory_ >= least_spilled) spill();
}

/// Brings what is in memory into the file, as far as that takes it.
void Kept::spill() {
  for (std::size_t i = first_; i < segments_.size(); ++i) {
    Segment& segment = segments_[i];
    if (segment.in_file) continue;
    const std::string_view rest = std::string_view(segment.bytes).substr(segment.done);
    const std::optional<std::uint64_t> offset = spool_->write(rest);
    if (!offset) return;
    in_memory_ -= rest.size();
    spool_->in_memory_ -= rest.size();
    // Assigning an empty string would keep the memory of the old one.
    Segment in_file{{}, *offset, rest.size(), 0, true};
    std::swap(segment, in_file);
  }
}

void Kept::append(Kept&& other) {
  if (other.empty()) return;
  last_ = other.last_;
  size_ += std::exchange(other.size_, 0);
  in_memory_ += std::exchange(other.in_memory_, 0);
  const auto first = other.segments_.begin() + static_cast<std::ptrdiff_t>(other.first_);
  std::move(first, other.segments_.end(), std::back_inserter(segments_));
  other.segments_.clear();
  other.first_ = 0;
  if (spool_->over_memory() && in_memory_ >= least_spilled) spill();
}

std::string_view Kept::front() {
  if (segments_.empty()) return {};
  const Segment& first = segments_[first_];
  if (!first.in_file) return std::string_view(first.bytes).substr(first.done);
  buffer_.resize(std::min<std::uint64_t>(read_size, first.size - first.done));
  buffer_.resize(spool_->read(first.offset + first.done, buffer_.data(), buffer_.size()));
  return buffer_;
}

void Kept::drop(std::size_t n) {
  Segment& first = segments_[first_];
  first.done += n;
  size_ -= n;
  if (!first.in_file) {
    in_memory_ -= n;
    spool_->in_memory_ -= n;
  }
  if (first.done < first.size) return;
  if (first.in_file) spool_->free(first.offset, first.size);
  drop_first();
}

void Kept::drop_first() {
  constexpr std::size_t few = 64;
  Segment dropped;
  std::swap(dropped, segments_[first_]);
  if (++first_ == segments_.size()) {
    segments_.clear();
    first_ = 0;
  } else if (first_ >= few && first_ > segments_.size() / 2) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void Kept::clear() {
  for (std::size_t i = first_; i < segments_.size(); ++i) release(segments_[i]);
  segments_.clear();
  first_ = 0;
  size_ = in_memory_ = 0;
}

void Kept::release(const Segment& segment) {
  if (segment.in_file) {
    spool_->free(segment.offset, segment.size);
  } else {
    spool_->in_memory_ -= segment.size - segment.done;
  }
}

}  // namespace gentlify
