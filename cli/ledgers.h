// Several ledgers as one.
#pragma once

#include <algorithm>
#include <vector>

#include "lib/core/ledger.h"

namespace gentlify {

class Ledgers : public Ledger {
 public:
  void add(Ledger& ledger) { ledgers_.push_back(&ledger); }

  bool commit(TimePoint now) override {
    bool all = true;
    for (Ledger* ledger : ledgers_) all = ledger->commit(now) && all;
    return all;
  }
  bool is_behind() const override {
    return std::any_of(ledgers_.begin(), ledgers_.end(),
                       [](const Ledger* ledger) { return ledger->is_behind(); });
  }
  TimePoint next() const override {
    TimePoint next = never;
    for (const Ledger* ledger : ledgers_) next = std::min(next, ledger->next());
    return next;
  }

 private:
  std::vector<Ledger*> ledgers_;
};

}  // namespace gentlify
