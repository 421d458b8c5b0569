#include "cli/end_files.h"

#include <cstdlib>
#include <utility>

#include "lib/core/error.h"

namespace gentlify {

EndFiles::EndFiles(const Settings& settings, Note note) : note_(std::move(note)) {
  if (!settings.summary.empty()) {
    files_.emplace_back("--summary", settings.summary, WholeFile::How::replace, json_of);
  }
  const char* const step = std::getenv("GITHUB_STEP_SUMMARY");
  if (!settings.summary_md.empty()) {
    files_.emplace_back("--summary-md", settings.summary_md, WholeFile::How::append, markdown_of);
  } else if (step != nullptr && *step != '\0') {
    add_step_summary(step);
  }
}

void EndFiles::add_step_summary(const char* path) {
  try {
    files_.emplace_back("GITHUB_STEP_SUMMARY", path, WholeFile::How::append, markdown_of, false);
  } catch (const Error& error) {
    note_(error.what());
  }
}

std::string EndFiles::write(const RunEnd& end) {
  std::string problems;
  for (Entry& entry : files_) {
    const int error = entry.file.write(entry.text_of(end));
    if (error == 0) continue;
    const std::string problem = entry.file.describe(error);
    if (entry.asked_for) {
      problems += (problems.empty() ? "" : "; ") + problem;
    } else {
      note_(problem);
    }
  }
  return problems;
}

}  // namespace gentlify
