#include "lib/engine/input/shuffled_source.h"

#include <utility>

namespace gentlify {

Source::Read ShuffledSource::next(Job& job) {
  if (!all_) {
    Job item;
    const Read read = inner().next(item);
    if (read == Read::item) keep(std::move(item));
    if (read != Read::end) return read == Read::item ? Read::more : read;
    all_ = true;
    shuffle();
  }
  if (given_ == items_.size()) return Read::end;
  const Item& item = items_[given_++];
  job.line = item.line;
  job.item = bytes_.substr(item.at, item.size);
  job.parts.clear();
  job.defect.clear();
  if (item.extra > 0) {
    Extra& extra = extras_[item.extra - 1];
    job.parts = std::move(extra.parts);
    job.defect = std::move(extra.defect);
  }
  return Read::item;
}

void ShuffledSource::keep(Job&& job) {
  std::uint32_t extra = 0;
  if (!job.parts.empty() || !job.defect.empty()) {
    extras_.push_back({std::move(job.parts), std::move(job.defect)});
    extra = static_cast<std::uint32_t>(extras_.size());
  }
  items_.push_back({bytes_.size(), job.line, static_cast<std::uint32_t>(job.item.size()), extra});
  bytes_ += job.item;
}

/// Fisher and Yates.
void ShuffledSource::shuffle() {
  for (std::size_t i = items_.size(); i > 1; --i) {
    std::swap(items_[i - 1], items_[random_.next() % i]);
  }
}

std::optional<std::uint64_t> ShuffledSource::total() {
  return all_ ? std::optional<std::uint64_t>(items_.size()) : inner().total();
}

Source::Rest ShuffledSource::rest() {
  if (all_) return {items_.size() - given_, true};
  const Rest rest = inner().rest();
  return {rest.items + items_.size(), rest.complete};
}

}  // namespace gentlify
