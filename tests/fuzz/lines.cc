// Items of a pipe: however the bytes come, they are what a split at the delimiter gives.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lib/engine/fd.h"
#include "lib/engine/input/stream_source.h"
#include "tests/fuzz/fuzz.h"

using namespace gentlify;
using fuzz::require;

namespace {

constexpr std::size_t most_item = 100;

std::vector<Job> expected(std::string_view bytes, const StreamSettings& settings) {
  std::vector<std::string_view> texts = fuzz::split(bytes, settings.delimiter);
  if (texts.back().empty()) texts.pop_back();
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty() && !settings.keep_empty) continue;
    Job job;
    job.line = settings.delimiter == '\n' ? i + 1 : 0;
    const bool nul = texts[i].find('\0') != std::string_view::npos && !settings.binary;
    if (texts[i].size() <= most_item) job.item = texts[i];
    if (texts[i].size() > most_item || nul) job.defect = "bad";
    jobs.push_back(std::move(job));
  }
  return jobs;
}

/// Takes what is there; true at the end.
bool take(Source& source, std::vector<Job>& jobs) {
  for (;;) {
    Job job;
    switch (source.next(job)) {
      case Source::Read::item: jobs.push_back(std::move(job)); break;
      case Source::Read::more: break;
      case Source::Read::wait: return false;
      case Source::Read::end: return true;
    }
  }
}

std::vector<Job> read_all(std::string_view bytes, StreamSettings settings, std::size_t piece) {
  int ends[2];
  require(::pipe2(ends, O_CLOEXEC) == 0, "a pipe");
  const Fd out(ends[0]);
  Fd in(ends[1]);
  settings.files = {"/proc/self/fd/" + std::to_string(out.get())};
  StreamSource source(settings);
  std::vector<Job> jobs;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    const std::string_view next = bytes.substr(0, piece);
    require(::write(in.get(), next.data(), next.size()) == static_cast<ssize_t>(next.size()),
            "a write");
    source.wait(Duration::max());
    require(!take(source, jobs), "the end comes with the end");
  }
  in.reset();
  while (!take(source, jobs)) source.wait(Duration::max());
  require(source.total() == jobs.size(), "the total is what there was");
  require(source.error().empty(), source.error());
  return jobs;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const unsigned choice = fuzz::take_choice(bytes);
  StreamSettings settings;
  settings.delimiter = (choice & 1U) != 0 ? '\0' : (choice & 2U) != 0 ? 'x' : '\n';
  settings.keep_empty = (choice & 4U) != 0;
  settings.binary = (choice & 8U) != 0;
  settings.max_item = most_item;
  const std::vector<Job> want = expected(bytes, settings);
  for (const std::size_t piece : {std::size_t{32768}, std::size_t{1} + (choice >> 4U) * 7}) {
    const std::vector<Job> jobs = read_all(bytes, settings, piece);
    require(jobs.size() == want.size(), "as many items", bytes);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      require(jobs[i].line == want[i].line, "the line of an item", bytes);
      require(jobs[i].defect.empty() == want[i].defect.empty(), "what is bad", bytes);
      require(jobs[i].item == want[i].item, "an item is its bytes", bytes);
    }
  }
  return 0;
}
