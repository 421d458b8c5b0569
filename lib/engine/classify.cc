#include "lib/engine/classify.h"

#include <fmt/format.h>
#include <cstring>

namespace gentlify {

namespace {

Outcome by_exit(const Exit& exit, const ExitLists& lists) {
  switch (exit.kind) {
    case Exit::Kind::unstarted:
      return {
          Verdict::permanent, exit, fmt::format("cannot run it: {}", ::strerror(exit.value)), {}};
    case Exit::Kind::signal: {
      const char* name = ::sigabbrev_np(exit.value);
      return {Verdict::failure,
              exit,
              name ? fmt::format("killed by SIG{}", name)
                   : fmt::format("killed by signal {}", exit.value),
              {}};
    }
    case Exit::Kind::code: break;
  }
  const auto status = static_cast<std::size_t>(exit.value);
  Verdict verdict = Verdict::failure;
  if (lists.success.test(status)) {
    verdict = Verdict::success;
  } else if (lists.overload.test(status)) {
    verdict = Verdict::overload;
  } else if (lists.permanent.test(status)) {
    verdict = Verdict::permanent;
  }
  return {verdict, exit, fmt::format("exit {}", exit.value), {}};
}

}  // namespace

Outcome classify(const Exit& exit, const ExitLists& lists, const Said& said) {
  Outcome outcome = by_exit(exit, lists);
  outcome.retry_after = said.retry_after;
  outcome.cost = said.cost;
  if (exit.kind == Exit::Kind::unstarted || outcome.verdict == Verdict::success) return outcome;
  if (said.permanent) {
    outcome.verdict = Verdict::permanent;
    outcome.reason += ", permanent reported";
  } else if (!said.overload.empty()) {
    outcome.verdict = Verdict::overload;
    outcome.reason += fmt::format(", {}", said.overload);
  }
  return outcome;
}

}  // namespace gentlify
