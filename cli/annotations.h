// Failed jobs as a workflow of GitHub Actions shows them, in a list of its own beside the log:
//
//   ::error title=gentlify%3A job 17 failed::curl -f a: exit 22: the last line of its stderr
#pragma once

#include <string>
#include <vector>

#include "lib/record/failed_jobs.h"

namespace gentlify {

/// Lines of standard error, for the first of these jobs; none where no such workflow runs us.
std::vector<std::string> annotations(const FailedJobs& failed);

}  // namespace gentlify
