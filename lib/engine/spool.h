// Output of jobs that waits to be shown: in memory up to a limit for all of it, beyond that in one
// file without a name. Bytes come out in the order in which they went in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/engine/fd.h"

namespace gentlify {

class Spool {
 public:
  struct Limits {
    std::size_t memory = 16 << 20;
    std::uint64_t file = std::uint64_t{1} << 30;
  };

  explicit Spool(const Limits& limits) : limits_(limits) {}
  void set_file_limit(std::uint64_t bytes) { limits_.file = bytes; }

  /// Neither memory nor file takes more: whoever can had better not bring any.
  bool is_full() const { return in_memory_ > limits_.memory && refused_; }
  /// The reason for that, as a clause.
  std::string why_full() const;
  /// The file has less room left than it has taken.
  bool is_half_full() const { return used_ > limits_.file / 2 || is_full(); }

 private:
  friend class Kept;

  bool over_memory() const { return in_memory_ > limits_.memory; }
  bool open();
  /// Where the bytes are now; nothing where they do not fit.
  std::optional<std::uint64_t> write(std::string_view bytes);
  std::size_t read(std::uint64_t offset, char* into, std::size_t size) const;
  void free(std::uint64_t offset, std::uint64_t size);

  Limits limits_;
  std::size_t in_memory_ = 0;
  bool refused_ = false;  // the last write, and nothing has been freed since
  int error_ = 0;         // why, an errno; 0: the limit
  Fd file_;
  std::uint64_t end_ = 0;
  std::uint64_t used_ = 0;
};

/// A string of bytes in a spool.
class Kept {
 public:
  explicit Kept(Spool& spool) : spool_(&spool) {}
  Kept(Kept&& other) noexcept;
  Kept& operator=(Kept&& other) noexcept;
  ~Kept() { clear(); }

  void add(std::string_view bytes);
  /// Takes what another one of the same spool holds.
  void append(Kept&& other);
  /// Nothing will be added for a while: where memory is short the bytes go into the file, few as
  /// they are.
  void settle() {
    if (spool_->over_memory()) spill();
  }

  bool empty() const { return size_ == 0; }
  std::uint64_t size() const { return size_; }
  /// The last byte that was added.
  char last() const { return last_; }
  /// The first bytes, as many as are at hand; good until the next call.
  std::string_view front();
  void drop(std::size_t n);
  void clear();

 private:
  struct Segment {
    std::string bytes;  // empty: they are in the file
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t done = 0;  // of `size`
    bool in_file = false;
  };

  void spill();
  void drop_first();
  void release(const Segment& segment);

  Spool* spool_;
  std::vector<Segment> segments_;
  std::size_t first_ = 0;  // those before are dropped
  std::uint64_t size_ = 0;
  std::size_t in_memory_ = 0;
  char last_ = '\n';
  std::string buffer_;
};

}  // namespace gentlify
