#include "lib/record/report_bars.h"

#include <algorithm>

namespace gentlify {

namespace {

constexpr std::size_t most_slots = 4096;
constexpr Duration least_quantum = std::chrono::microseconds(100);

/// How much a kind tells of a bar that holds several.
int weight(ReportBar::Kind kind) {
  using Kind = ReportBar::Kind;
  switch (kind) {
    case Kind::success: return 0;
    case Kind::stopped: return 1;
    case Kind::unfinished: return 2;
    case Kind::overload: return 3;
    case Kind::failure: return 4;
    case Kind::permanent: return 5;
  }
  return 0;
}

}  // namespace

void ReportBars::add(int slot, const ReportBar& bar) {
  const auto i = static_cast<std::size_t>(std::max(slot, 1)) - 1;
  if (i >= most_slots) {
    ++left_out_;
    return;
  }
  if (i >= slots_.size()) slots_.resize(i + 1);
  std::vector<ReportBar>& bars = slots_[i];
  if (!bars.empty() && join(bars.back(), bar)) return;
  bars.push_back(bar);
  if (++size_ > most_) thin();
}

bool ReportBars::join(ReportBar& into, const ReportBar& bar) const {
  if (bar.to - into.from > quantum_) return false;
  into.to = std::max(into.to, bar.to);
  into.count += bar.count;
  into.bad += bar.bad;
  into.busy += bar.busy;
  if (weight(bar.kind) > weight(into.kind)) into.kind = bar.kind;
  return true;
}

void ReportBars::thin() {
  while (size_ > most_ / 2 && quantum_ < Duration::max() / 4) {
    quantum_ = std::max(2 * quantum_, least_quantum);
    size_ = 0;
    for (std::vector<ReportBar>& bars : slots_) {
      std::size_t kept = 0;
      for (std::size_t k = 1; k < bars.size(); ++k) {
        if (!join(bars[kept], bars[k])) bars[++kept] = bars[k];
      }
      bars.resize(std::min(bars.size(), kept + 1));
      size_ += bars.size();
    }
  }
}

}  // namespace gentlify
