#include "lib/engine/output.h"

#include <algorithm>
#include <utility>

namespace gentlify {

namespace {

/// With so much waiting for its reader nothing starts.
constexpr std::uint64_t output_limit = 1 << 20;
/// With so many outputs waiting for their turn only the job that has it starts.
constexpr std::size_t most_waiting = 100'000;
/// Of stderr at least so much is kept for what the job says.
constexpr std::size_t tail_size = 64 * 1024;
/// A longer line is shown in pieces.
constexpr std::size_t longest_line = 1 << 20;

/// `tag` before each line, the first one too where it `begins` there.
std::string with_tags(std::string_view tag, std::string_view bytes, bool begins) {
  if (tag.empty()) return std::string(bytes);
  std::string out;
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    if (begins) out += tag;
    out += bytes.substr(0, n);
    bytes.remove_prefix(n);
    begins = true;
  }
  return out;
}

/// The last line that is not empty.
std::string_view last_line_of(std::string_view bytes) {
  const std::size_t end = bytes.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  bytes = bytes.substr(0, end + 1);
  return bytes.substr(bytes.rfind('\n') + 1);
}

}  // namespace

std::string_view JobOutput::last_line() const {
  return last_line_of(tail_);
}

std::string JobOutput::last_err_line() const {
  constexpr std::size_t longest = 200;
  return std::string(last_line_of(err_tail_).substr(0, longest));
}

void JobOutput::remember(std::string_view bytes) {
  constexpr std::size_t most = 512;
  if (bytes.size() < most) {
    tail_ += bytes;
    if (tail_.size() > 2 * most) tail_.erase(0, tail_.size() - most);
  } else {
    tail_ = bytes.substr(bytes.size() - most);
  }
}

Output::Output(Console& console, Spool& spool, OutputMode mode, bool ordered)
    : console_(console), spool_(spool), mode_(mode), later_{Kept(spool), Kept(spool)} {
  if (!ordered) return;
  order_.emplace(spool, [this](Stream stream, Kept&& bytes) { show(stream, std::move(bytes)); });
}

bool Output::is_behind() const {
  return console_.pending() > output_limit;
}

bool Output::is_crowded() const {
  return order_ && (spool_.is_half_full() || order_->waiting() >= most_waiting);
}

std::optional<JobId> Output::turn() const {
  if (!order_) return {};
  return order_->turn();
}

void Output::show(Stream stream, Kept&& bytes) {
  if (stream == Stream::out) {
    console_.out(std::move(bytes));
  } else {
    console_.err(std::move(bytes));
  }
}

/// Shows what the job may show by now.
void Output::show(const JobOutput& job, Stream stream, Kept&& bytes) {
  if (order_) {
    order_->add(job.job(), stream, std::move(bytes));
  } else if (has_promoted() && !is_promoted(job)) {
    later_[static_cast<std::size_t>(stream)].append(std::move(bytes));
  } else {
    show(stream, std::move(bytes));
  }
}

void Output::take(JobOutput& job, Stream stream, std::string_view bytes) {
  job.remember(bytes);
  if (stream == Stream::err) {
    job.err_tail_ += bytes;
    if (job.err_tail_.size() > 2 * tail_size) {
      job.err_tail_.erase(0, job.err_tail_.size() - tail_size);
    }
  }
  switch (mode_) {
    case OutputMode::line: return take_lines(job, stream, bytes);
    case OutputMode::inherit:
    case OutputMode::discard: return;
    case OutputMode::group: break;
  }
  Kept& kept = job.kept(stream);
  if (job.tag_.empty()) {
    kept.add(bytes);
  } else {
    kept.add(with_tags(job.tag_, bytes, kept.last() == '\n'));
  }
  if (is_promoted(job)) show(job, stream, std::move(kept));
}

/// Shows the lines that are whole; one without end is shown in pieces.
void Output::take_lines(JobOutput& job, Stream stream, std::string_view bytes) {
  std::string& line = job.lines_[static_cast<std::size_t>(stream)];
  line += bytes;
  const std::size_t newline = line.rfind('\n');
  std::size_t n = newline == std::string::npos ? 0 : newline + 1;
  if (line.size() - n > longest_line) n = line.size();
  if (n == 0) return;
  Kept lines(spool_);
  lines.add(with_tags(job.tag_, std::string_view(line).substr(0, n), true));
  show(job, stream, std::move(lines));
  line.erase(0, n);
}

void Output::end(JobOutput& job, bool shown) {
  for (const Stream stream : {Stream::out, Stream::err}) {
    if (!job.lines_[static_cast<std::size_t>(stream)].empty()) take_lines(job, stream, "\n");
    Kept& kept = job.kept(stream);
    if (!job.tag_.empty() && kept.last() != '\n') kept.add("\n");
    if (!shown) kept.clear();
    show(job, stream, std::move(kept));
  }
  if (!is_promoted(job)) return;
  promoted_ = nullptr;
  for (const Stream stream : {Stream::out, Stream::err}) {
    show(stream, std::move(later_[static_cast<std::size_t>(stream)]));
  }
}

void Output::pass_on(JobOutput& job, JobOutput& next) {
  next.tag_ = job.tag_;
  if (is_promoted(job)) return end(job, true);
  next.lines_ = std::move(job.lines_);
  for (const Stream stream : {Stream::out, Stream::err}) {
    next.kept(stream).append(std::move(job.kept(stream)));
    next.kept(stream).settle();
  }
}

void Output::settle(JobId job) {
  if (order_) order_->settle(job);
}

void Output::promote(JobOutput& job) {
  promoted_ = &job;
  for (const Stream stream : {Stream::out, Stream::err}) {
    show(job, stream, std::move(job.kept(stream)));
  }
}

}  // namespace gentlify
