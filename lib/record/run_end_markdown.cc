#include <fmt/format.h>

#include <algorithm>

#include "lib/core/text.h"
#include "lib/record/run_end.h"

namespace gentlify {

namespace {

constexpr std::size_t shown_failures = 20;
constexpr std::size_t command_width = 100;
constexpr std::size_t cell_width = 200;

/// `text` as nothing but text. Markdown takes no entity for a mark of its own, and in <code> GitHub
/// makes no links of names and numbers; an address of mail it would still find, but for the comment
/// in it.
std::string code(std::string_view text, std::size_t width) {
  constexpr std::string_view harmless = " -/,=+%";
  std::string out;
  for (const char c : clip(escape(text), width)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (plain || byte >= 0x80 || harmless.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("{}&#{};", c == '@' ? "<!-- -->" : "", byte);
    }
  }
  return out.empty() ? out : "<code>" + out + "</code>";
}

std::string row(std::string_view name, std::string_view value) {
  return fmt::format("| {} | {} |\n", name, value);
}

/// Of what may be none of, so that a row for it would say nothing.
std::string count_row(std::string_view name, std::uint64_t count) {
  return count == 0 ? std::string() : row(name, fmt::format("{}", count));
}

std::string waits(const RunEnd& end) {
  std::string out;
  for (std::size_t i = 0; i < gate_count; ++i) {
    const auto gate = static_cast<Gate>(i);
    if (!is_wait(gate) || end.waited[i] * 100 < end.ran) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name(gate), human(end.waited[i]));
  }
  return out;
}

std::string counts(const RunEnd& end) {
  std::string out = "| | |\n|---|---|\n" + row("ok", fmt::format("{}", end.succeeded)) +
                    row("failed", fmt::format("{}", end.failed)) +
                    count_row("unfinished", end.unfinished);
  if (end.more_may_follow) {
    out += row("not started", end.not_started > 0 ? fmt::format("at least {}", end.not_started)
                                                  : "the rest of the input");
  } else {
    out += count_row("not started", end.not_started);
  }
  out += count_row("attempts", end.attempts) + count_row("jobs with more than one", end.repeated) +
         count_row("slowed down", end.cuts);
  if (end.rate() > 0) out += row("jobs a second", fmt::format("{:.1f}", end.rate()));
  const std::string waited = waits(end);
  if (!waited.empty()) out += row("waited for", waited);
  out += row("exit status", fmt::format("{}", end.exit));
  for (const Label& label : end.labels)
    out += row(code(label.name, cell_width), code(label.value, cell_width));
  return out;
}

std::string failures(const RunEnd& end) {
  if (end.failures.empty()) return {};
  std::string out =
      "\n| job | command | ended with | attempts | last line |\n|---|---|---|---|---|\n";
  const std::size_t shown = std::min(shown_failures, end.failures.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const FailedJobs::Entry& failure = end.failures[i];
    std::string job = fmt::format("{}", failure.seq);
    if (failure.line > 0) job += fmt::format(" (line {})", failure.line);
    out += fmt::format("| {} | {} | {} | {} | {} |\n", job, code(failure.command, command_width),
                       code(failure.reason, cell_width), failure.attempts,
                       code(failure.last_line, cell_width));
  }
  if (end.failed > shown) out += fmt::format("\n{} more failed.\n", end.failed - shown);
  return out;
}

}  // namespace

std::string markdown_of(const RunEnd& end) {
  std::string out =
      fmt::format("\n### gentlify: {} in {}{}\n\n", counted(end.jobs(), "job"), human(end.ran),
                  end.failed > 0 ? fmt::format(", {} failed", end.failed) : "");
  if (!end.halted.empty()) out += "Halted with jobs left: " + code(end.halted, cell_width) + "\n\n";
  if (!end.error.empty()) out += "Ended with an error: " + code(end.error, cell_width) + "\n\n";
  return out + counts(end) + failures(end);
}

}  // namespace gentlify
