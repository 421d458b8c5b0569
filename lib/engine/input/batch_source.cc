#include "lib/engine/input/batch_source.h"

#include <algorithm>
#include <utility>

namespace gentlify {

namespace {

/// What an argument takes of the memory for all: its bytes, a NUL, a pointer.
std::size_t taken_by(const Job& item) {
  return item.item.size() + 1 + sizeof(char*);
}

}  // namespace

bool BatchSource::fits(const Job& item) const {
  const std::size_t batch = batch_.item.size() + batch_.parts.size() * sizeof(char*);
  return item.defect.empty() && batch_.parts.size() < size_ && batch + taken_by(item) <= most_bytes;
}

void BatchSource::take(const Job& item) {
  if (batch_.parts.empty()) {
    batch_.line = item.line;
  } else {
    batch_.item += ' ';
  }
  batch_.item += item.item;
  batch_.parts.add(item.item);
}

void BatchSource::give(Job& job) {
  const Cost cost = job.cost;
  job = std::exchange(batch_, {});
  job.cost = cost;
  ++given_;
}

Source::Read BatchSource::next(Job& job) {
  for (;;) {
    if (!next_) {
      Job item;
      item.cost = job.cost;
      const Read read = inner().next(item);
      if (read == Read::end && !batch_.parts.empty()) {
        give(job);
        return Read::item;
      }
      if (read != Read::item) return read;
      ++taken_;
      next_ = std::move(item);
    }
    if (batch_.parts.empty() && !next_->defect.empty()) {
      job = std::move(*next_);
      next_.reset();
      ++given_;
      return Read::item;
    }
    // One that is too large for any batch is one of its own.
    if (fits(*next_) || (batch_.parts.empty() && next_->defect.empty())) {
      take(*next_);
      next_.reset();
      if (batch_.parts.size() < size_) continue;
    }
    give(job);
    return Read::item;
  }
}

/// Batches of what was taken and not given, and of `items` more.
Source::Rest BatchSource::rest() {
  const Rest inner_rest = inner().rest();
  const std::uint64_t items = inner_rest.items + batch_.parts.size() + (next_ ? 1 : 0);
  return {(items + size_ - 1) / size_, inner_rest.complete};
}

std::optional<std::uint64_t> BatchSource::total() {
  const auto total = inner().total();
  if (!total) return {};
  const std::uint64_t left =
      *total - std::min(*total, taken_) + batch_.parts.size() + (next_ ? 1 : 0);
  return given_ + (left + size_ - 1) / size_;
}

}  // namespace gentlify
