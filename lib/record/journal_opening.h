// Opens a journal for a run: a new one, or that of a run that goes on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/record/journal_file.h"
#include "lib/record/journal_past.h"

namespace gentlify {

struct JournalRequest {
  std::string path;
  bool resume = false;
  bool again = false;                                  ///< jobs that failed for good run once more
  bool repair = false;                                 ///< a damaged journal is mended
  Known known = Known::by_number;                      ///< how jobs are to be known
  bool pushed = false;                                 ///< see JournalPast::make
  std::uint64_t command = 0, mode = 0, directory = 0;  ///< digests of what must be as it was
  std::uint64_t new_run = 0;                           ///< the number of a new run
};

/// With which a new run begins.
record::Head first_head(const JournalRequest& request);

struct OpenJournal {
  JournalFile file;
  std::unique_ptr<JournalPast> past;
  record::Head head;               ///< of the session that begins; to be written
  std::vector<std::string> notes;  ///< what the user should know, as sentences
};

/// Throws Error: cannot_create, where the journal holds a run that was not to be resumed, too;
/// bad_data, where it is damaged or holds another run; no_permission; try_later. Nothing is written
/// but what mending takes.
OpenJournal open_journal(const JournalRequest& request);

/// The identities of jobs that were started, of those numbered `first` to `last`.
JournalPast::Started find_started(int fd, std::uint64_t first, std::uint64_t last);

}  // namespace gentlify
