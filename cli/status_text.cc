#include "cli/status_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "lib/core/text.h"

namespace gentlify {

namespace {

/// Shorter waits are over before they are read.
constexpr Duration least_countdown = std::chrono::milliseconds(150);
/// In a log, where a line stands for good.
constexpr Duration least_countdown_in_log = std::chrono::seconds(1);
/// Milestones and the like: a spread below this share of the time left is not told.
constexpr int telling_spread = 5;

constexpr std::size_t least_bar = 10, most_bar = 40;

constexpr std::string_view red = "31", green = "32", yellow = "33";

/// " 12s", or nothing where that is not known or is as good as over.
std::string countdown(Duration left, Duration least) {
  if (left == RunState::forever || left < least) return {};
  return ' ' + human(left);
}

std::string fleet_text(const RunState& state, Duration least) {
  const std::string left = countdown(state.opens_in, least);
  switch (state.fleet) {
    case Permits::Hold::none: return "waiting: fleet" + left;
    case Permits::Hold::warm: return "waiting: hosts of the fleet" + left;
    case Permits::Hold::paused: return "fleet paused" + left;
    case Permits::Hold::circuit: return "fleet's circuit open" + left;
    case Permits::Hold::away: return "fleet away";
  }
  return {};
}

std::string waiting_text(const RunState& state, Duration least) {
  if (state.phase != RunState::Phase::running) return std::string(name(state.phase));
  if (state.paused) return "paused" + countdown(state.pause_left, least);
  if (state.circuit_open) return "circuit open" + countdown(state.circuit_left, least);
  switch (state.gate) {
    case Gate::none:
    case Gate::slots:  // as it should be
    case Gate::drain: return {};
    case Gate::circuit: return "circuit: trying one job";
    case Gate::local: return "waiting: this machine" + countdown(state.opens_in, least);
    case Gate::fleet: return fleet_text(state, least);
    case Gate::rate:
    case Gate::interval:
    case Gate::budget:
    case Gate::pause:
    case Gate::retry:
    case Gate::load:
    case Gate::memory:
    case Gate::output:
    case Gate::input: break;
  }
  return fmt::format("waiting: {}{}", name(state.gate), countdown(state.opens_in, least));
}

std::string done_text(const RunState& state) {
  if (!state.total || *state.total == 0) return fmt::format("{} done", state.done());
  const std::uint64_t done = std::min(state.done(), *state.total);
  return fmt::format("{}% {}/{}", done * 100 / *state.total, state.done(), *state.total);
}

std::string running_text(const RunState& state) {
  if (state.limit >= no_cap) return fmt::format("{} running", state.running);
  return fmt::format("{} running, limit {}", state.running, state.limit);
}

std::string rate_text(const RunState& state) {
  if (state.rate <= 0) return {};
  return fmt::format("{:.{}f}/s", state.rate, state.rate < 99.95 ? 1 : 0);
}

/// The time left is known, and the run goes on until then.
bool has_eta(const RunState& state) {
  return state.eta && state.total && state.done() < *state.total &&
         state.phase == RunState::Phase::running && state.pause_left != RunState::forever;
}

/// A part of the line.
struct Part {
  int rank;  ///< those with the least are the last to go
  std::string text;
  std::string_view color = {};
  bool joined = false;  ///< it belongs to the one before it
  bool taken = false;
};

/// The bar comes before what tells no more than details.
constexpr int bar_rank = 5, last_rank = 9;

/// Eighths of a cell, where there are such characters.
std::string bar(const RunState& state, std::size_t cells, const Look& look) {
  constexpr std::array<std::string_view, 8> parts = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double share =
      std::min(1.0, static_cast<double>(state.done()) / static_cast<double>(*state.total));
  const auto eighths = static_cast<std::size_t>(share * static_cast<double>(cells * 8));
  const std::size_t full = eighths / 8;
  const bool part = look.unicode && eighths % 8 > 0;
  std::string text;
  for (std::size_t i = 0; i < full; ++i) text += look.unicode ? "█" : "#";
  if (part) text += parts.at(eighths % 8);
  for (std::size_t i = full + (part ? 1 : 0); i < cells; ++i) text += look.unicode ? "░" : "-";
  return look.unicode ? text : '[' + text + ']';
}

std::string paint(std::string_view text, std::string_view color, const Look& look) {
  if (!look.color || color.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", color, text);
}

/// The wait is one of many short ones.
bool is_passing(const RunState& state) {
  constexpr Duration short_wait = std::chrono::seconds(1);
  return state.phase == RunState::Phase::running && !state.paused && !state.circuit_open &&
         state.opens_in < short_wait;
}

/// All parts in the order in which they stand.
std::vector<Part> parts_of(const RunState& state, const Look& look) {
  std::vector<Part> parts;
  parts.push_back({0, done_text(state)});
  parts.push_back({8, fmt::format("{} ok", state.succeeded)});
  if (state.failed > 0) parts.push_back({3, fmt::format("{} failed", state.failed), red, true});
  if (state.retrying > 0) {
    parts.push_back({7, fmt::format("{} retrying", state.retrying), {}, true});
  }
  if (state.falling_back > 0) {
    parts.push_back({7, fmt::format("{} in fallback", state.falling_back), {}, true});
  }
  const bool capped = state.limit < no_cap;
  parts.push_back({4, capped ? fmt::format("{}/{} running", state.running, state.limit)
                             : fmt::format("{} running", state.running)});
  if (const std::string rate = rate_text(state); !rate.empty()) parts.push_back({6, rate});
  if (const std::string text = waiting_text(state, least_countdown); !text.empty()) {
    parts.push_back({is_passing(state) ? last_rank - 1 : 1, text, yellow});
  }
  if (!has_eta(state)) return parts;
  parts.push_back({2, human(state.eta->left) + " left"});
  parts.push_back({last_rank, (look.unicode ? "±" : "+-") + human(state.eta->spread), {}, true});
  return parts;
}

/// Marks the parts that there is room for, the most important ones first; returns the cells that
/// are left for the bar, 0: none.
std::size_t choose(std::vector<Part>& parts, std::size_t width, bool has_bar, const Look& look) {
  const std::size_t frame = look.unicode ? 1 : 3;  // the gap, and brackets
  constexpr std::size_t gap = 3;
  std::size_t room = width;
  std::size_t cells = 0;
  for (int rank = 0; rank <= last_rank; ++rank) {
    if (rank == bar_rank && has_bar && room >= least_bar + frame) {
      cells = least_bar;
      room -= least_bar + frame;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Part& part = parts[i];
      const std::size_t needs = columns(part.text) + (i > 0 ? gap : 0);
      if (part.rank != rank || needs > room) continue;
      if (rank == last_rank && !parts[i - 1].taken) continue;
      part.taken = true;
      room -= needs;
    }
  }
  return cells > 0 ? std::min(cells + room, most_bar) : 0;
}

}  // namespace

std::string waiting_text(const RunState& state) {
  return waiting_text(state, least_countdown);
}

std::string describe(const RunState& state) {
  std::string text = done_text(state) + fmt::format(" · {} ok", state.succeeded);
  if (state.failed > 0) text += fmt::format(" {} failed", state.failed);
  if (state.retrying > 0) text += fmt::format(" {} retrying", state.retrying);
  if (state.falling_back > 0) text += fmt::format(" {} in fallback", state.falling_back);
  text += " · " + running_text(state);
  // That a rate is kept is how it should be.
  const bool paced = state.gate == Gate::rate || state.gate == Gate::interval;
  const std::string waiting = waiting_text(state, least_countdown_in_log);
  const bool is_told =
      !paced || state.paused || state.circuit_open || state.phase != RunState::Phase::running;
  if (is_told && !waiting.empty()) text += " · " + waiting;
  if (const std::string rate = rate_text(state); !rate.empty()) text += " · " + rate;
  if (has_eta(state)) {
    text += fmt::format(" · {} left", human(state.eta->left));
    if (state.eta->spread > state.eta->left / telling_spread) {
      text += fmt::format(" (±{})", human(state.eta->spread));
    }
  }
  return text;
}

std::string status_line(const RunState& state, std::size_t width, const Look& look) {
  std::vector<Part> parts = parts_of(state, look);
  const bool has_bar = state.total && *state.total > 0;
  const std::size_t cells = choose(parts, width, has_bar, look);
  if (!parts.front().taken) return clip(parts.front().text, width);
  std::string line;
  if (cells > 0) line = paint(bar(state, cells, look), green, look) + ' ';
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].taken) continue;
    if (i > 0 && parts[i].joined && parts[i - 1].taken) {
      line += ' ';
    } else if (i > 0) {
      line += look.unicode ? " · " : " | ";
    }
    line += paint(parts[i].text, parts[i].color, look);
  }
  return line;
}

}  // namespace gentlify
