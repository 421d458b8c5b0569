#include "cli/request.h"

#include <utility>

#include "lib/engine/list_source.h"
#include "lib/engine/stream_source.h"

namespace gentlify {

std::unique_ptr<Source> make_source(RunRequest& request) {
  if (request.items) return std::make_unique<ListSource>(std::move(*request.items));
  const Settings& s = request.settings;
  StreamSettings stream;
  stream.files = s.input.empty() ? std::vector<std::string>{"-"} : s.input;
  stream.delimiter = s.null ? '\0' : s.delimiter.front();
  stream.keep_empty = stream.delimiter != '\n';
  stream.max_item = s.max_line;
  return std::make_unique<StreamSource>(stream);
}

Template make_template(const RunRequest& request) {
  const Settings& s = request.settings;
  return request.command.empty() ? Template::shell(s.shell)
                                 : Template::command(request.command, s.replace);
}

}  // namespace gentlify
