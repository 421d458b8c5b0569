#include "cli/request.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <utility>

#include "cli/journaling.h"
#include "cli/values.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/input/batch_source.h"
#include "lib/engine/input/header_source.h"
#include "lib/engine/input/json_source.h"
#include "lib/engine/input/recorded_source.h"
#include "lib/engine/input/row_source.h"
#include "lib/engine/input/shuffled_source.h"
#include "lib/engine/input/stream_source.h"

namespace gentlify {

namespace {

/// What separates columns, where there are any.
std::optional<char> separator_of(const Settings& s) {
  if (!s.colsep.empty()) return s.colsep.front();
  if (s.tsv) return '\t';
  return s.csv ? std::optional(',') : std::nullopt;
}

std::unique_ptr<Source> read_items(const Settings& s) {
  StreamSettings stream;
  stream.files = s.input.empty() ? std::vector<std::string>{"-"} : s.input;
  stream.delimiter = item_end(s);
  stream.separator = separator_of(s);
  stream.keep_empty = s.keep_empty || stream.separator || stream.delimiter != '\n';
  stream.binary = s.stdin_item;
  stream.max_item = s.max_line;
  return std::make_unique<StreamSource>(stream);
}

JsonRules json_rules(const RunRequest& request, const Plan& plan, const Fields& fields) {
  const Settings& s = request.settings;
  JsonRules rules;
  rules.has_template = !request.command.empty();
  rules.members = fields.names();
  const bool whole = rules.has_template && (plan.command.asks_for_item() || s.stdin_item);
  rules.allow_unknown = s.allow_unknown || whole;
  rules.parse_duration = parse_duration;
  return rules;
}

/// Without COMMAND an item is a command line, and nothing else. With one, `--header :` is a slip.
void check_command(const RunRequest& request) {
  const Settings& s = request.settings;
  if (!request.command.empty()) {
    if (!s.header || request.command.front() != ":") return;
    throw Error(ExitCode::usage, "--header takes no value: leave out the : of GNU parallel");
  }
  const std::pair<std::string_view, bool> wants[] = {
      {"--csv", s.csv},
      {"--tsv", s.tsv},
      {"--colsep", !s.colsep.empty()},
      {"--max-items", s.max_items > 1},
      {"--stdin-item", s.stdin_item},
  };
  for (const auto& [flag, is_set] : wants) {
    if (is_set) throw Error(ExitCode::usage, fmt::format("{} needs a COMMAND", flag));
  }
}

/// The order of a run that goes on is the one that it had.
std::uint64_t shuffle_seed(OpenJournal* journal) {
  if (journal == nullptr) return random_number();
  if (!journal->head.seed) journal->head.seed = random_number();
  return *journal->head.seed;
}

void check_results(const Settings& s, const OpenJournal& journal) {
  if (s.results.empty() || journal.head.known == Known::by_number) return;
  throw Error(
      ExitCode::usage,
      fmt::format("--results {} cannot go with --resume=content: its files are named by the "
                  "numbers of jobs, and another run may give these to others",
                  shell_quote(s.results)));
}

}  // namespace

char item_end(const Settings& settings) {
  return settings.null ? '\0' : settings.delimiter.front();
}

Plan make_plan(RunRequest& request) {
  const Settings& s = request.settings;
  const std::optional<char> separator = separator_of(s);
  check_command(request);
  Plan plan;
  Fields fields = separator         ? Fields::columns()
                  : s.jsonl         ? Fields::members()
                  : s.max_items > 1 ? Fields::batch()
                                    : Fields();
  std::size_t columns = 0;
  if (request.lists) {
    if (request.lists->size() > 1) fields = Fields::lists(request.lists->size());
    plan.source = std::make_unique<ListSource>(std::move(*request.lists));
  } else {
    plan.source = read_items(s);
  }
  if (s.header) {
    auto header = std::make_unique<HeaderSource>(std::move(plan.source), *separator);
    columns = header->names().size();
    fields = Fields::header(header->names());
    plan.head = header->header() + '\n';
    plan.source = std::move(header);
  }
  if (!s.journal.empty() && !s.dry_run) {
    plan.journal = std::make_unique<OpenJournal>(open_journal(journal_request(request, plan.head)));
    check_results(s, *plan.journal);
  }
  if (s.shuf) {
    const std::uint64_t seed = shuffle_seed(plan.journal.get());
    plan.source = std::make_unique<ShuffledSource>(std::move(plan.source), seed);
  }

  plan.command = request.command.empty()
                     ? Template::shell(s.shell)
                     : Template::command(request.command, s.replace, fields, !s.stdin_item);
  if (s.tag || !s.tag_string.empty()) {
    plan.tag = Template::text(s.tag_string.empty() ? s.replace : s.tag_string, s.replace, fields);
  }

  if (separator) {
    plan.source = std::make_unique<RowSource>(std::move(plan.source), *separator, columns);
  } else if (s.jsonl) {
    plan.source =
        std::make_unique<JsonSource>(std::move(plan.source), json_rules(request, plan, fields));
  } else if (s.max_items > 1) {
    plan.source = std::make_unique<BatchSource>(std::move(plan.source), s.max_items);
  }
  if (plan.journal) {
    plan.source = std::make_unique<RecordedSource>(std::move(plan.source), *plan.journal->past);
  }
  return plan;
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number) {
    number = static_cast<std::uint64_t>(monotonic_now().time_since_epoch().count()) ^
             static_cast<std::uint64_t>(::getpid()) << 32;
  }
  return number;
}

}  // namespace gentlify
