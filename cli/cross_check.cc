#include "cli/cross_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cli/fleet_run.h"
#include "cli/limit_check.h"
#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/http_server.h"
#include "lib/engine/spawn.h"

namespace gentlify {

namespace {

class CrossCheck : Refusals {
 public:
  CrossCheck(const Config& config, int cores, std::size_t lists)
      : Refusals(config, cores), lists_(lists) {}

  void run() const {
    check_names();
    check_patterns();
    check_input();
    check_journal();
    check_fleet();
    check_shared_list();
    const std::string report = std::to_string(report_descriptor);
    if (s_.report && std::find(s_.pass_fd.begin(), s_.pass_fd.end(), report) != s_.pass_fd.end()) {
      refuse("pass_fd", "report", "takes the number that jobs have for reports and cannot go with");
    }
    if (lists_ > 0) check_lists();
  }

 private:
  /// What items are.
  void check_input() const {
    if (s_.null && s_.delimiter != "\n") refuse("null", "delimiter", "cannot go with");
    if (s_.csv && s_.tsv) refuse("csv", "tsv", "cannot go with");
    const std::string_view table = s_.csv ? "csv" : s_.tsv ? "tsv" : "colsep";
    const bool has_table = s_.csv || s_.tsv || !s_.colsep.empty();
    if (has_table && s_.jsonl) refuse(table, "jsonl", "cannot go with");
    if (has_table && s_.null)
      refuse(table, "null", "ends items with their lines and cannot go with");
    if (has_table && s_.delimiter != "\n") {
      refuse(table, "delimiter", "ends items with their lines and cannot go with");
    }
    if (s_.colsep == "\"" || s_.colsep == "\n" || s_.colsep == "\r") {
      refuse("colsep", "has its meaning in a table already and cannot go between columns");
    }
    if (s_.max_items > 1 && has_table) refuse("max_items", table, "cannot go with");
    if (s_.max_items > 1 && s_.jsonl) refuse("max_items", "jsonl", "cannot go with");
    if (s_.header && !has_table) refuse("header", "needs a table: --csv, --tsv or --colsep C");
    if (s_.allow_unknown && !s_.jsonl) refuse("allow_unknown", "is of use with --jsonl only");
  }

  /// What says how a journal is meant says nothing without one.
  void check_journal() const {
    if (!s_.journal.empty()) return;
    const std::string_view needs = "needs a run to go on with: --journal FILE";
    if (s_.resume != "false") refuse("resume", needs);
    if (s_.resume_failed) refuse("resume_failed", needs);
    if (s_.repair) refuse("repair", needs);
  }

  /// What says how a fleet is meant says nothing without one.
  void check_fleet() const {
    if (s_.fleet.empty()) {
      const std::pair<std::string_view, bool> others[] = {
          {"fleet_concurrency", s_.fleet_concurrency > 0},
          {"fleet_jobs", s_.fleet_jobs != "none"},
          {"fleet_strict", s_.fleet_strict},
          {"fleet_on_outage", s_.fleet_on_outage != "wait"},
          {"fleet_max_outage", s_.fleet_max_outage > Duration{}},
          {"fleet_reset", s_.fleet_reset},
      };
      for (const auto& [name, is_set] : others) {
        if (is_set) refuse(name, "needs a fleet: --fleet URL");
      }
      return;
    }
    try {
      fleet::parse_address(s_.fleet);
    } catch (const Error& error) {
      // It is not shown: nobody can say which part of it is the password.
      const Origin& origin = config_.origins[*find_setting("fleet")];
      throw Error(is_flag(origin) ? ExitCode::usage : ExitCode::bad_config,
                  fmt::format("fleet ({}): {}", escape(origin.place), error.what()));
    }
    try {
      parse_outage(s_.fleet_on_outage);
    } catch (const Error& error) {
      refuse("fleet_on_outage", error.what());
    }
    // A promise that is asked for in so many words is not weakened.
    const auto contradiction = [&](std::string_view other) {
      throw Error(ExitCode::bad_config,
                  fmt::format("{} cannot go with {}", describe("fleet_strict"), describe(other)));
    };
    if (s_.fleet_strict && s_.fleet_on_outage != "wait") contradiction("fleet_on_outage");
    if (s_.fleet_strict && s_.rate_mode == "exact") contradiction("rate_mode");
    if (s_.rate_mode == "exact") {
      refuse("rate_mode", "fleet", "is kept by one host only and cannot go with");
    }
  }

  /// A list that hosts share is nobody's whole input, and its jobs come in any order.
  void check_shared_list() const {
    if (s_.fleet_jobs == "none") return;
    const bool stream = s_.fleet_jobs == "stream";
    const std::pair<std::string_view, bool> others[] = {
        {"keep_order", s_.keep_order},
        {"shuf", s_.shuf},
        {"not_done", !s_.not_done.empty()},
        {"input", stream && !s_.input.empty()},
        {"dry_run", stream && s_.dry_run},
        {"header", stream && s_.header},
        {"max_items", stream && s_.max_items > 1},
    };
    for (const auto& [name, is_set] : others) {
      if (is_set) refuse(name, "fleet_jobs", "cannot go with");
    }
    if (stream && s_.resume == "content") refuse("resume", "fleet_jobs", "cannot go with");
    if (stream && lists_ > 0) {
      refuse("fleet_jobs", "takes jobs that were pushed and cannot go with the items after :::");
    }
  }

  /// What cannot go with items after :::.
  void check_lists() const {
    const std::pair<std::string_view, bool> others[] = {
        {"input", !s_.input.empty()},   {"csv", s_.csv},     {"tsv", s_.tsv},
        {"colsep", !s_.colsep.empty()}, {"jsonl", s_.jsonl},
    };
    for (const auto& [name, is_set] : others) {
      if (is_set) refuse(name, "cannot go with the items after :::");
    }
    if (lists_ > 1 && s_.max_items > 1)
      refuse("max_items", "cannot go with several lists of items");
    if (lists_ > 1 && !s_.not_done.empty()) {
      refuse("not_done",
             "cannot go with several lists of items: no file could be read as they are");
    }
  }

  /// A variable of a script that is not set must not cost its results.
  void check_names() const {
    const auto check = [&](std::string_view name, const std::string& value, std::string_view what) {
      const std::size_t row = *find_setting(name);
      if (!value.empty() || config_.origins[row].kind != Origin::Kind::flag) return;
      throw Error(ExitCode::usage, fmt::format("{}: the name of a {} must not be empty",
                                               flag_name(settings_table()[row]), what));
    };
    check("results", s_.results, "directory");
    check("joblog", s_.joblog, "file");
    check("not_done", s_.not_done, "file");
    check("junit", s_.junit, "file");
    check("summary", s_.summary, "file");
    check("summary_md", s_.summary_md, "file");
    check("metrics", s_.metrics, "file");
    check("journal", s_.journal, "file");
    check("events", s_.events, "file");
    for (const auto& [name, value] :
         {std::pair("journal", s_.journal), {"events", s_.events}, {"control", s_.control}}) {
      // The name was forgotten, and this is the next flag.
      if (value.starts_with('-'))
        refuse(name, "must be the name of a file; write ./- for one that begins so");
    }
    if (!s_.listen.empty() && !parse_listen_address(s_.listen)) {
      refuse("listen", "must be HOST:PORT or PORT, with a numeric address or localhost for HOST");
    }
    if (s_.events.starts_with("fd:") && !event_descriptor(s_.events)) {
      refuse("events", "must be a file, or fd:N with the number of a descriptor, from 3 on");
    }
  }

  void check_patterns() const {
    if (!s_.results.empty() && s_.output == "inherit") {
      refuse("results", "output", "keeps jobs' output, which gentlify does not see with");
    }
    if (s_.keep_order && s_.output == "inherit") {
      refuse("keep_order", "output", "orders jobs' output, which is not shown by gentlify with");
    }
    if (s_.output == "inherit" || s_.output == "discard") {
      if (s_.tag)
        refuse("tag", "output", "marks jobs' output, which is not shown by gentlify with");
      if (!s_.tag_string.empty()) {
        refuse("tag_string", "output", "marks jobs' output, which is not shown by gentlify with");
      }
    }
    if (s_.output != "inherit") return;
    const auto check = [&](std::string_view name, const std::string& pattern) {
      if (pattern.empty()) return;
      refuse(name, "output", "looks at jobs' stderr, which gentlify does not see with");
    };
    check("overload_match", s_.overload_match);
    check("retry_after_match", s_.retry_after_match);
    check("cost_match", s_.cost_match);
  }

  std::size_t lists_;
};

}  // namespace

void check_settings(const Config& config, int cores, std::size_t lists) {
  check_limits(config, cores);
  CrossCheck(config, cores, lists).run();
}

}  // namespace gentlify
