#include "lib/core/job_identity.h"

#include <string>

namespace gentlify {

Identity identity_of(const Job& job, std::uint64_t seed) {
  if (job.parts.empty()) return identity_of(job.item, seed);
  // "a b" and "c" are not "a" and "b c", though the item may read the same.
  std::string text = job.item;
  for (std::size_t i = 0; i < job.parts.size(); ++i) {
    text += '\0';
    text += std::to_string(job.parts[i].size());
    text += '\0';
    text += job.parts[i];
  }
  return identity_of(text, seed);
}

}  // namespace gentlify
