#include "lib/control/hover/trial.h"

#include <algorithm>

namespace gentlify::hover {

namespace {

constexpr std::size_t remembered = 150;
/// The last ones before a cut may have been overload already, and tell nothing of before.
constexpr std::ptrdiff_t too_late = 30;
constexpr std::ptrdiff_t enough_before = 50;
constexpr int enough_after = 60;

}  // namespace

void Trial::begin(AttemptId last_started, const std::vector<JobId>& accused) {
  if (!on_) {
    on_ = true;
    begin_ = last_started;
    accused_.clear();
    all_accused_ = failed_again_ = cleared_ = tries_ = failed_ = 0;
    before_ = failed_before();
  }
  for (const JobId job : accused) all_accused_ += accused_.insert(job).second ? 1 : 0;
}

bool Trial::retried(JobId job, bool failed, bool first_tries_go_through) {
  if (!on_ || accused_.erase(job) == 0) return false;
  ++(failed ? failed_again_ : cleared_);
  if (failed_again_ + cleared_ < std::max(2, (all_accused_ + 1) / 2)) return false;
  const bool jobs = failed_again_ >= 2 * cleared_;
  if (jobs || cleared_ >= failed_again_) on_ = false;
  return jobs && first_tries_go_through;
}

std::optional<double> Trial::first_try(AttemptId id, bool failed) {
  history_.push_back(failed);
  if (history_.size() > remembered) history_.pop_front();
  if (!on_ || id <= begin_) return {};
  ++tries_;
  if (failed) ++failed_;
  if (tries_ < enough_after) return {};
  on_ = false;
  const double share = static_cast<double>(failed_) / tries_;
  const bool alike = share >= 0.8 * before_ && share < 2.5 * before_;
  if (before_ < 0.03 || before_ >= 0.4 || !alike) return {};
  return (share + before_) / 2;
}

double Trial::failed_before() const {
  const std::ptrdiff_t n = std::ssize(history_) - too_late;
  if (n < enough_before) return 0;
  return static_cast<double>(std::count(history_.begin(), history_.begin() + n, true)) /
         static_cast<double>(n);
}

}  // namespace gentlify::hover
