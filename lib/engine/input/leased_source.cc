#include "lib/engine/input/leased_source.h"

#include <utility>

namespace gentlify {

namespace {

/// So many items of other hosts are passed at once: a signal must not wait for more.
constexpr int most_passed = 256;

}  // namespace

Source::Read CountedSource::next(Job& job) {
  const Read read = inner().next(job);
  if (read == Read::item) list_.count(job);
  if (read == Read::end && !ended_ && inner().error().empty()) {
    ended_ = true;
    list_.count_end();
  }
  return read;
}

Source::Read LeasedSource::next(Job& job) {
  if (detached_) return Read::end;
  for (int i = 0; i < most_passed; ++i) {
    switch (list_.take(job)) {
      case SharedList::Take::job: return Read::item;
      case SharedList::Take::wait: return Read::wait;
      case SharedList::Take::end: return Read::end;
      case SharedList::Take::input: break;
    }
    if (const Read read = show_more(job.cost); read != Read::item) return read;
  }
  return Read::more;
}

/// Read::item: the list was shown something.
Source::Read LeasedSource::show_more(Cost cost) {
  Job item;
  item.cost = cost;
  const Read read = ended_ ? Read::end : inner().next(item);
  if (read == Read::item) {
    // Without a record of earlier runs they are not numbered yet.
    ++shown_;
    if (item.id == JobId{}) item.id = JobId{shown_};
    list_.show(std::move(item));
    return Read::item;
  }
  if (read != Read::end) return read;
  // What was not read of a list that has changed is not done with.
  if (inner().has_changed()) return Read::end;
  if (ended_) return Read::wait;
  ended_ = true;
  list_.show_end();
  return Read::item;
}

void LeasedSource::detach() {
  detached_ = true;
  SourceOver::detach();
}

}  // namespace gentlify
