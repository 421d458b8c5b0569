// Items from files and standard input, each ended by a delimiter, or the rows of a table. An item
// is there as soon as its end was read; the end of a file ends its last item.
//
// Memory: a pipe is read ahead, up to a bound, so that the end of the input and with it the total
// is seen early; a regular file is read as it is needed and counted on the side. An item that is
// too long is skipped in constant memory.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "lib/engine/fd.h"
#include "lib/engine/input/framer.h"
#include "lib/engine/input/source.h"
#include "lib/engine/watch.h"

namespace gentlify {

struct StreamSettings {
  std::vector<std::string> files;  ///< "-" is standard input; at least one
  char delimiter = '\n';
  std::optional<char> separator = {};  ///< of columns: items are rows of a table
  bool keep_empty = false;             ///< an empty item is a job
  bool binary = false;                 ///< an item may hold a NUL
  std::size_t max_item = 1 << 20;      ///< bytes; a longer item fails alone
  std::size_t read_ahead = 2 << 20;    ///< bytes
};

class StreamSource : public Source, private Watched {
 public:
  /// Opens every file. Throws Error(no_input) naming the one that cannot be read.
  explicit StreamSource(StreamSettings settings);
  ~StreamSource() override;

  Read next(Job& job) override;
  std::optional<std::uint64_t> total() override;
  Rest rest() override;
  bool count_some() override;
  void attach(Watch& watch) override;
  void detach() override;
  bool is_bounded() const override { return exhausted() || at_end_ || inputs_[current_].regular; }
  void give_up() override;
  std::string error() const override { return error_; }
  bool wait(Duration patience) override;

 private:
  struct Input {
    Fd owned;
    int fd = -1;
    std::string name;
    bool regular = false;
    off_t start = 0;  // where a regular file is read from
  };
  /// Bytes read and not yet given out; never empty while it is in the queue.
  struct Chunk {
    std::string bytes;
    std::size_t used = 0;
  };
  /// Recognises items in a stream of bytes, counting only.
  struct Tally {
    Framer framer;
    bool keep_empty = false;
    std::uint64_t size = 0;  // of the item that is open
    std::uint64_t items = 0;
    void take(std::string_view bytes);
    void finish();
  };

  void on_ready(std::uint32_t events) override;
  void watch_input();
  void unwatch_input();
  void read_chunk();
  void next_input();
  bool exhausted() const { return current_ == inputs_.size(); }
  bool take_item(Job& job);
  bool finish_item(Job& job);
  Framer framer() const;
  bool counts_lines() const { return settings_.separator || settings_.delimiter == '\n'; }
  void count_buffered();

  StreamSettings settings_;
  std::vector<Input> inputs_;
  std::size_t current_ = 0;
  std::deque<Chunk> chunks_;
  std::size_t buffered_ = 0;
  bool at_end_ = false;  // the current input has no more bytes
  Watch* watch_ = nullptr;
  bool watching_ = false;
  bool always_ready_ = false;  // the current input cannot be watched: reads do not wait for long

  Framer framer_;
  std::string item_;  // the part of the next item that was taken from chunks
  std::uint64_t item_size_ = 0;
  bool has_nul_ = false;
  std::uint64_t given_ = 0;
  std::string error_;
  bool gave_up_ = false;  // on the rest of the current input

  std::optional<std::uint64_t> total_;
  std::size_t counting_ = 0;  // the input that is being counted
  off_t counted_to_ = 0;
  Tally tally_;
};

}  // namespace gentlify
