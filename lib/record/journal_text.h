// The records of a run as lines of JSON, each with its seal: for the journal, and for who follows
// its events.
//
//   head    a session of a run begins         block   items were taken from the input
//   start   an attempt is about to start      end     it ended, or a job was settled without one
//   state   what the run waits for changes    close   the session has ended in good order
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lib/core/event.h"
#include "lib/core/label.h"
#include "lib/record/journal_record.h"

namespace gentlify {

class JournalText {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  struct Settings {
    /// Shows a job's command line; none: records have no commands.
    std::function<std::string(const Job&)> command_of;
    bool last_lines = true;              ///< what jobs wrote to stderr last
    std::uint64_t done = 0, failed = 0;  ///< jobs, in earlier sessions
    Clock clock;
  };

  /// What is to be said of a session beside its head.
  struct Session {
    std::string version;
    std::vector<Label> labels;
    /// Names of settings and their values, where they are not the built-in ones.
    std::vector<std::pair<std::string, std::string>> settings;
  };

  JournalText(Settings settings, Known known) : settings_(std::move(settings)), known_(known) {}

  void head(const record::Head& head, const Session& session);
  void block(const record::Block& block);
  void event(const Event& event, TimePoint now);
  void close(int exit);

  /// The lines since they were taken last.
  std::string& pending() { return text_; }
  const std::string& pending() const { return text_; }

 private:
  void begin(std::string_view type);
  void at();
  void end();
  void identity(const Job& job);
  void started(const event::Started& e);
  void ended(const event::Ended& e);
  void state(std::string_view what);

  Settings settings_;
  Known known_;
  std::string text_;
  std::size_t begin_ = 0;
};

}  // namespace gentlify
