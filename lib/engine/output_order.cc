#include "lib/engine/output_order.h"

#include <utility>

namespace gentlify {

void OutputOrder::add(JobId job, Stream stream, Kept&& bytes) {
  if (bytes.empty()) return;
  if (job == turn()) {
    show_(stream, std::move(bytes));
  } else {
    Kept& kept = waiting(job).kept[static_cast<std::size_t>(stream)];
    kept.append(std::move(bytes));
    kept.settle();
  }
}

void OutputOrder::settle(JobId job) {
  if (job != turn()) {
    waiting(job).settled = true;
    return;
  }
  for (bool settled = true; settled;) {
    ++turn_;
    const auto next = waiting_.find(turn());
    if (next == waiting_.end()) return;
    for (const Stream stream : {Stream::out, Stream::err}) {
      show_(stream, std::move(next->second.kept[static_cast<std::size_t>(stream)]));
    }
    settled = next->second.settled;
    waiting_.erase(next);
  }
}

}  // namespace gentlify
