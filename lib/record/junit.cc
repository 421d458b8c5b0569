#include "lib/record/junit.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "lib/core/text.h"

namespace gentlify {

namespace {

/// So many columns of a text are shown: a case is to be read by people, and written at once.
constexpr std::size_t width = 200;

/// A count as long as one can become.
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

/// `text` on one line, clipped, as an attribute's value or an element's text.
std::string xml_text(std::string_view text) {
  std::string out;
  // A character has up to four bytes, and it may be a megabyte of anything.
  const std::string shown = clip(escape(text.substr(0, 4 * (width + 1))), width);
  for (std::string_view left = shown; !left.empty();) {
    const Character c = first_character(left);
    const std::string_view bytes = left.substr(0, std::max<std::size_t>(c.length, 1));
    switch (c.code) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      // Not even as a reference does XML take these.
      case 0xFFFE:
      case 0xFFFF: out += fmt::format("\\u{{{:04X}}}", c.code); break;
      default: out += bytes;
    }
    left.remove_prefix(bytes.size());
  }
  return out;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

/// It could not be run at all, which is no failure of the job.
bool is_error(const event::Ended& ended) {
  return (!ended.attempted && ended.job.attempts == 0) ||
         ended.outcome.exit.kind == Exit::Kind::unstarted;
}

std::string problem_of(const event::Ended& ended) {
  const Outcome& outcome = ended.outcome;
  const std::string reason = xml_text(without_passwords(outcome.reason));
  std::string text = reason;
  if (ended.job.attempts > 0) {
    text += " after " + counted(static_cast<unsigned>(ended.job.attempts), "attempt");
  }
  if (!outcome.last_line.empty()) text += '\n' + xml_text(without_passwords(outcome.last_line));
  return fmt::format("<{0} message=\"{1}\" type=\"{2}\">{3}</{0}>",
                     is_error(ended) ? "error" : "failure", reason,
                     outcome.timed_out ? "timeout" : name(outcome.verdict), text);
}

std::string skipped(std::string_view why) {
  return fmt::format("<skipped message=\"{}\"/>", why);
}

std::string suite(std::string_view about, std::array<std::uint64_t, 4> counts, double time) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites>\n"
      "<testsuite {} tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"",
      about, counts[0], counts[1], counts[2], counts[3], time);
}

}  // namespace

Junit::Junit(const std::string& path, Halt& halt, std::function<std::string(const Job&)> command_of,
             const Begin& begin)
    : command_of_(std::move(command_of)),
      begin_(begin.at),
      // As Ant's own reports have it: UTC, and no word of that.
      about_(fmt::format("name=\"gentlify\" timestamp=\"{:%Y-%m-%dT%H:%M:%S}\" hostname=\"{}\"",
                         fmt::gmtime(std::chrono::system_clock::to_time_t(begin.date)),
                         xml_text(host_name()))),
      file_("--junit", path, "</testsuite>\n</testsuites>\n", halt) {
  file_.write(head(begin.at), {});
}

/// Always of the same length: blanks fill it.
std::string Junit::head(TimePoint now) const {
  const std::size_t length =
      suite(about_, {most, most, most, most}, seconds(Duration::max())).size();
  std::string text =
      suite(about_, {counts_.tests, counts_.failures, counts_.errors, counts_.skipped},
            seconds(now - begin_));
  text.resize(length, ' ');
  return text + ">\n";
}

void Junit::on_event(const Event& event, TimePoint now) {
  if (const auto* ended = std::get_if<event::Ended>(&event)) {
    add(*ended, now);
  } else if (const auto* dropped = std::get_if<event::Dropped>(&event)) {
    if (dropped->elsewhere) return;
    ++counts_.skipped;
    add_case(dropped->job, {},
             skipped(dropped->job.attempts > 0 ? "the run ended before its retry"
                                               : "the run ended before its start"),
             now);
  }
}

void Junit::add(const event::Ended& ended, TimePoint now) {
  std::string problem;
  switch (ended.fate) {
    case Fate::retry:
    case Fate::fallback: return;
    case Fate::done: break;
    case Fate::failed:
      ++(is_error(ended) ? counts_.errors : counts_.failures);
      problem = problem_of(ended);
      break;
    case Fate::not_done:
      ++counts_.skipped;
      problem =
          skipped(ended.outcome.verdict == Verdict::stopped ? "stopped: the run ended"
                                                            : "the run ended before its retry");
      break;
  }
  add_case(ended.job, ended.ran, problem, now);
}

void Junit::add_case(const Job& job, Duration ran, std::string_view problem, TimePoint now) {
  ++counts_.tests;
  const std::string what = without_passwords(job.defect.empty() ? command_of_(job) : job.item);
  std::string element =
      fmt::format("<testcase classname=\"gentlify\" name=\"job {}: {}\" time=\"{:.3f}\"",
                  number(job.id), xml_text(what), seconds(ran));
  element += problem.empty() ? "/>\n" : fmt::format(">{}</testcase>\n", problem);
  file_.write(head(now), element);
}

}  // namespace gentlify
