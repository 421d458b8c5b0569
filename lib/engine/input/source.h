// Where items come from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "lib/core/job.h"

namespace gentlify {

class Watch;

class Source {
 public:
  enum class Read {
    item,  ///< `job` is filled in, all but its id
    more,  ///< nothing yet, but work was done: ask again, after a look at other things
    wait,  ///< nothing yet: ask again after the watch has delivered
    end,   ///< no item will come any more
  };

  virtual ~Source() = default;

  virtual Read next(Job& job) = 0;

  /// All items there are, given out or not, once that is known.
  virtual std::optional<std::uint64_t> total() = 0;

  /// Items not given out as far as they can be seen; `complete` is false where more may follow.
  struct Rest {
    std::uint64_t items = 0;
    bool complete = true;
  };
  virtual Rest rest() = 0;

  /// Does a bounded part of the work of counting; false where nothing is left to do.
  virtual bool count_some() { return false; }

  /// Reads ahead from now on whenever `watch` says that input is there, until `detach`, which must
  /// come before the watch ends.
  virtual void attach(Watch& watch) { (void)watch; }
  /// No item will be asked for any more: what was not read stays where it is.
  virtual void detach() {}

  /// After Read::wait, for who has no watch: returns when asking again makes sense, or false after
  /// `patience` without that.
  virtual bool wait(Duration patience) {
    (void)patience;
    return true;
  }

  /// What is being read now has an end, and is there up to it: a regular file, a list.
  virtual bool is_bounded() const { return true; }
  /// Reads no more of what is not: what was read of it is given, but for a part of an item.
  virtual void give_up() {}

  /// The input is not the one that earlier runs have read, and so nothing more is taken from it.
  virtual bool has_changed() const { return false; }

  /// Why the input could not be read to its end, as a sentence; empty while all is well.
  virtual std::string error() const { return {}; }
};

/// A source that makes something else of another one's items.
class SourceOver : public Source {
 public:
  explicit SourceOver(std::unique_ptr<Source> inner) : inner_(std::move(inner)) {}

  Read next(Job& job) override { return inner_->next(job); }
  std::optional<std::uint64_t> total() override { return inner_->total(); }
  Rest rest() override { return inner_->rest(); }
  bool count_some() override { return inner_->count_some(); }
  void attach(Watch& watch) override { inner_->attach(watch); }
  void detach() override { inner_->detach(); }
  bool wait(Duration patience) override { return inner_->wait(patience); }
  bool is_bounded() const override { return inner_->is_bounded(); }
  void give_up() override { inner_->give_up(); }
  std::string error() const override { return inner_->error(); }

 protected:
  Source& inner() const { return *inner_; }

 private:
  std::unique_ptr<Source> inner_;
};

}  // namespace gentlify
