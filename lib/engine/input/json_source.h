// JSON lines: each item of another source is an object that says what its job is. A bad one fails
// alone.
//
//   argv [..]      the command, or
//   shell ".."     a command line for the shell; neither where there is a template
//   id, env {..}, cwd, stdin, cost, timeout, retries      see JobOptions
//   any other      for the template, which names it
//
// In a template a string stands for itself, a number, true and false as they are written, null for
// nothing, and an array or an object for its JSON. Of members with one name the last one counts.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/core/time.h"
#include "lib/engine/input/source.h"

namespace gentlify {

struct JsonRules {
  bool has_template = false;
  /// Members that the template asks for; they become Job::parts.
  std::vector<std::string> members = {};
  /// A member that nobody asks for is all right: the item is used as a whole, or it was so wished.
  bool allow_unknown = false;
  /// Reads "1.5s", "2m"; nothing where it cannot.
  std::function<std::optional<Duration>(std::string_view)> parse_duration;
};

class JsonSource : public SourceOver {
 public:
  JsonSource(std::unique_ptr<Source> inner, JsonRules rules);
  ~JsonSource() override;

  Read next(Job& job) override;

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace gentlify
