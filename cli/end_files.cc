#include "cli/end_files.h"

namespace gentlify {

EndFiles::EndFiles(const Settings& settings) {
  if (!settings.summary.empty()) {
    files_.emplace_back("--summary", settings.summary, WholeFile::How::replace, json_of);
  }
}

std::string EndFiles::write(const RunEnd& end) {
  std::string problems;
  for (auto& [file, text_of] : files_) {
    const int error = file.write(text_of(end));
    if (error != 0) problems += (problems.empty() ? "" : "; ") + file.describe(error);
  }
  return problems;
}

}  // namespace gentlify
