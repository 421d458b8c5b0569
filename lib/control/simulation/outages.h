// Times when the service is away. It refuses at once, or it hangs: then an attempt that started
// during the outage ends with the client's time-out, also where the service is back before that.
#pragma once

#include <algorithm>
#include <vector>

#include "lib/core/time.h"

namespace gentlify::sim {

struct Outage {
  TimePoint from, to;
  bool hangs = false;
};

class Outages {
 public:
  Outages() = default;
  /// In any order; they may overlap.
  explicit Outages(std::vector<Outage> outages) : outages_(std::move(outages)) {}

  /// The outage in which `t` lies, the first of several; null where there is none.
  const Outage* at(TimePoint t) const {
    const auto in = std::find_if(outages_.begin(), outages_.end(),
                                 [t](const Outage& o) { return o.from <= t && t < o.to; });
    return in == outages_.end() ? nullptr : &*in;
  }

  bool any_hangs() const {
    return std::any_of(outages_.begin(), outages_.end(), [](const Outage& o) { return o.hangs; });
  }

 private:
  std::vector<Outage> outages_;
};

}  // namespace gentlify::sim
