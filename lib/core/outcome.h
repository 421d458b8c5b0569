// How an attempt ended, and what that means.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/core/job.h"
#include "lib/core/time.h"

namespace gentlify {

/// What an ended attempt says about the job and about the service behind it.
enum class Verdict {
  success,
  failure,    ///< the attempt failed; whether job or service is to blame is not known
  overload,   ///< the service said "slow down"; the job is fine
  permanent,  ///< the job can never succeed; the service has nothing to do with it
  stopped,    ///< stopped by us: no evidence, no attempt spent
};

constexpr std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::success: return "success";
    case Verdict::failure: return "failure";
    case Verdict::overload: return "overload";
    case Verdict::permanent: return "permanent";
    case Verdict::stopped: return "stopped";
  }
  return {};
}

/// What the operating system reported of an ended attempt.
struct Exit {
  enum class Kind {
    code,      ///< value: the exit status, 0..255
    signal,    ///< value: the signal's number
    unstarted  ///< value: the errno of exec
  };
  Kind kind = Kind::code;
  int value = 0;
};

struct Outcome {
  Verdict verdict = Verdict::success;
  Exit exit;
  /// For people: "exit 22", "killed by SIGSEGV", "No such file or directory".
  std::string reason;
  /// The last line that the attempt wrote to stderr, cut to 200 bytes; empty where it was not seen.
  std::string last_line;
  /// The service asked for no start within this time.
  std::optional<Duration> retry_after = {};
  /// What the attempt really cost, where that was told.
  std::optional<Cost> cost = {};
  /// We stopped it, and it is to be run again as soon as it may.
  bool again = false;
  /// We ended it because it took too long.
  bool timed_out = false;
};

/// What becomes of a job after an attempt.
enum class Fate {
  done,      ///< succeeded
  failed,    ///< failed for good
  retry,     ///< will run again
  fallback,  ///< failed for good, unless its fallback succeeds
  not_done,  ///< the run ends before it could: stopped, or its retry was dropped by a drain
};

constexpr std::string_view name(Fate fate) {
  switch (fate) {
    case Fate::done: return "done";
    case Fate::failed: return "failed";
    case Fate::retry: return "retry";
    case Fate::fallback: return "fallback";
    case Fate::not_done: return "not_done";
  }
  return {};
}

}  // namespace gentlify
