// When a host calls the script of a shared list, of whatever kind that is.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lib/core/time.h"
#include "lib/fleet/resp.h"

namespace gentlify::fleet::job_calls {

/// Calls have so much time between them, whatever there is to tell.
inline constexpr Duration spacing = std::chrono::milliseconds(20);
/// An end is told so long after it, unless jobs are wanted before that.
inline constexpr Duration settle_delay = std::chrono::milliseconds(250);
/// Who waits for others, or for jobs, asks again after this, and the more hosts there are the
/// later, so that all of them together do not keep the server busy.
inline constexpr Duration patience = std::chrono::milliseconds(250);
inline constexpr Duration patience_each = std::chrono::milliseconds(2);
/// The server forgets a list that nobody asks for; so does nobody who asks so often.
inline constexpr Duration alive = std::chrono::minutes(1);

/// A count, which is never below 0.
inline std::uint64_t number_of(const Reply& reply) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(reply.integer, 0));
}

}  // namespace gentlify::fleet::job_calls
