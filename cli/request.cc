#include "cli/request.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <utility>

#include "cli/control_settings.h"
#include "cli/journaling.h"
#include "cli/values.h"
#include "lib/core/text.h"
#include "lib/engine/clock.h"
#include "lib/engine/input/batch_source.h"
#include "lib/engine/input/header_source.h"
#include "lib/engine/input/json_source.h"
#include "lib/engine/input/leased_source.h"
#include "lib/engine/input/pushed_source.h"
#include "lib/engine/input/recorded_source.h"
#include "lib/engine/input/row_source.h"
#include "lib/engine/input/shuffled_source.h"
#include "lib/engine/input/stream_source.h"
#include "lib/fleet/job_range.h"
#include "lib/fleet/job_stream.h"

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

/// The list that the hosts of the fleet share; null: they share none.
std::unique_ptr<fleet::JobList> make_list(const RunRequest& request, const Plan& plan, int cores) {
  const Settings& s = request.settings;
  if (s.fleet_jobs == "none" || s.dry_run) return {};
  const JournalRequest journal = journal_request(request, plan.head);
  fleet::JobList::Settings list;
  list.host = plan.fleet_host;
  list.mode = fmt::format("{:016x}", journal.mode);
  list.jobs = bounds_of(s, cores).max_concurrency;
  list.ttl = s.fleet_ttl;
  list.goes_on = s.resume != "false" || s.resume_failed;
  if (s.fleet_jobs == "range") return std::make_unique<fleet::JobRange>(list);
  return std::make_unique<fleet::JobStream>(list);
}

/// The jobs are those that were pushed into the fleet.
bool is_pushed(const Settings& s) {
  return s.fleet_jobs == "stream";
}

/// What an item is made of, as far as its header does not tell.
Fields fields_of(const RunRequest& request) {
  const Settings& s = request.settings;
  if (request.lists && request.lists->size() > 1) return Fields::lists(request.lists->size());
  if (separator_of(s)) return Fields::columns();
  if (s.jsonl) return Fields::members();
  return s.max_items > 1 ? Fields::batch() : Fields();
}

/// Items that are done with, as is on record here, and those that other hosts have.
void leave_out(Plan& plan, bool pushed) {
  const bool leased = plan.list && !pushed;
  if (leased) plan.source = std::make_unique<CountedSource>(std::move(plan.source), *plan.list);
  if (plan.journal) {
    plan.source = std::make_unique<RecordedSource>(std::move(plan.source), *plan.journal->past,
                                                   pushed ? plan.list.get() : nullptr);
  }
  if (leased) plan.source = std::make_unique<LeasedSource>(std::move(plan.source), *plan.list);
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

std::unique_ptr<Source> open_input(RunRequest& request) {
  if (!request.lists) return read_items(request.settings);
  return std::make_unique<ListSource>(std::move(*request.lists));
}

Plan make_plan(RunRequest& request, int cores) {
  const Settings& s = request.settings;
  const std::optional<char> separator = separator_of(s);
  check_command(request);
  Plan plan;
  Fields fields = fields_of(request);
  std::size_t columns = 0;
  if (!s.fleet.empty()) plan.fleet_host = fmt::format("{:016x}", random_number());
  if (is_pushed(s)) {
    plan.list = make_list(request, plan, cores);
    plan.source = std::make_unique<PushedSource>(*plan.list);
  } else {
    plan.source = open_input(request);
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
  if (!is_pushed(s)) plan.list = make_list(request, plan, cores);
  leave_out(plan, is_pushed(s));
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
