#include "lib/engine/input/recorded_source.h"

#include <algorithm>
#include <utility>

namespace gentlify {

namespace {

/// Items beyond this are given before everything was compared.
constexpr std::size_t most_held = 16 << 20;
/// So many items are skipped at once: a signal must not wait for more.
constexpr int most_skipped = 256;

}  // namespace

/// The first of those that are held may go.
bool RecordedSource::may_give() const {
  if (held_.empty()) return false;
  if (past_.is_verified() || compared_ || detached_) return true;
  return held_bytes_ > most_held && number(held_.front().id) <= past_.verified();
}

Source::Read RecordedSource::next(Job& job) {
  if (changed_) return Read::end;
  if (may_give()) {
    job = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= job.item.size() + sizeof job;
    return Read::item;
  }
  if (ended_) return Read::end;
  return advance(job);
}

Source::Read RecordedSource::advance(Job& job) {
  for (int i = 0; i < most_skipped && !may_give(); ++i) {
    Job item;
    item.cost = job.cost;
    const Read read = inner().next(item);
    if (read == Read::end) return finish();
    if (read != Read::item) return read;
    const Read taken = take(std::move(item), job);
    if (taken != Read::more) return taken;
  }
  return Read::more;
}

Source::Read RecordedSource::finish() {
  ended_ = true;
  // What was not read to its end is not compared to its end, either.
  if (!inner().error().empty()) return Read::more;
  compared_ = past_.end();
  changed_ = !compared_;
  return changed_ ? Read::end : Read::more;
}

Source::Read RecordedSource::take(Job&& item, Job& given) {
  ++count_;
  if (item.id == JobId{}) item.id = JobId{count_};
  switch (past_.take(item)) {
    case Past::Answer::skip:
      ++skipped_;
      if (list_ != nullptr) list_->skip(item.id);
      return Read::more;
    case Past::Answer::changed: changed_ = true; return Read::end;
    case Past::Answer::run: break;
  }
  if (held_.empty() && past_.is_verified()) {
    given = std::move(item);
    return Read::item;
  }
  held_bytes_ += item.item.size() + sizeof item;
  held_.push_back(std::move(item));
  return Read::more;
}

void RecordedSource::detach() {
  detached_ = true;
  inner().detach();
}

std::optional<std::uint64_t> RecordedSource::total() {
  const std::optional<std::uint64_t> all = inner().total();
  const std::uint64_t skipped = skipped_ + past_.to_skip();
  return all ? std::optional(*all - std::min(*all, skipped)) : all;
}

Source::Rest RecordedSource::rest() {
  const Rest rest = inner().rest();
  return {rest.items - std::min(rest.items, past_.to_skip()) + held_.size(), rest.complete};
}

}  // namespace gentlify
