#include "lib/engine/input/list_source.h"

#include <fmt/format.h>

#include <utility>

#include "lib/core/error.h"

namespace gentlify {

ListSource::ListSource(std::vector<ItemList> lists)
    : lists_(std::move(lists)), at_(lists_.size(), 0) {
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    const std::size_t size = lists_[i].values.size();
    if (!lists_[i].linked) {
      if (__builtin_mul_overflow(total_, size, &total_)) {
        throw Error(ExitCode::usage, "the lists after ::: have too many combinations");
      }
    } else if (size != lists_[i - 1].values.size()) {
      throw Error(ExitCode::usage,
                  fmt::format("the list after :::+ holds {} and the one before it {}: lists that "
                              "are linked must be of one length",
                              size, lists_[i - 1].values.size()));
    }
  }
}

Source::Read ListSource::next(Job& job) {
  if (given_ == total_) return Read::end;
  ++given_;
  if (lists_.size() == 1) {
    job.item = std::move(lists_.front().values[at_.front()++]);
    return Read::item;
  }
  job.item.clear();
  job.parts.clear();
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    const std::string& value = lists_[i].values[at_[i]];
    if (i > 0) job.item += ' ';
    job.item += value;
    job.parts.add(value);
  }
  bool carry = true;
  for (std::size_t i = lists_.size(); i-- > 0;) {
    if (carry && ++at_[i] == lists_[i].values.size()) at_[i] = 0;
    // A linked list moves with the one before it, and it is that one that carries on.
    if (!lists_[i].linked) carry = carry && at_[i] == 0;
  }
  return Read::item;
}

}  // namespace gentlify
