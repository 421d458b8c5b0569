// Settings files and service models: bytes are read or refused with one line that says where, what
// is too large is refused, and settings are read back from what --print-config prints of them.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "cli/config.h"
#include "cli/config_text.h"
#include "cli/model_file.h"
#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/error.h"
#include "lib/engine/fd.h"
#include "tests/fuzz/fuzz.h"

using namespace gentlify;
using fuzz::require;

namespace {

/// A file that is in memory alone.
class File {
 public:
  explicit File(std::string_view bytes)
      : fd_(::memfd_create("fuzz", MFD_CLOEXEC)),
        path_("/proc/self/fd/" + std::to_string(fd_.get())) {
    require(::write(fd_.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "a write");
  }
  const std::string& path() const { return path_; }

 private:
  Fd fd_;
  std::string path_;
};

Options options_of(const File& file) {
  Options options;
  options.config_files = {file.path()};
  return options;
}

constexpr const char* no_environment[] = {nullptr};

/// What `read` makes of the file `path`; nothing where it refuses it as it should.
template <class Read>
auto accepted(const std::string& path, Read read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Error& error) {
    const std::string_view sentence = error.what();
    require(error.code() == ExitCode::bad_config, "the file is to blame", sentence);
    require(escape(sentence) == sentence, "an error is one line of plain text", sentence);
    require(sentence.find(path + ':') != std::string_view::npos, "an error says where", sentence);
    return {};
  }
}

void check_settings_read_back(const Config& config) {
  const std::string printed = show(config);
  const File file(printed);
  const auto again = accepted(
      file.path(), [&] { return load_config(options_of(file), no_environment, /*cores=*/4); });
  require(again.has_value(), "what is printed is accepted", printed);
  const Settings& before = config.settings;
  const Settings& after = again->settings;
  // It stands in a comment there.
  const bool own_preset = !before.preset.empty() && !is_built_in_preset(before.preset);
  for (const Setting& setting : settings_table()) {
    if (own_preset && toml_name(setting) == "preset") continue;
    if (const auto* list = std::get_if<std::vector<std::string> Settings::*>(&setting.member)) {
      require(after.**list == before.**list, toml_name(setting), printed);
    } else {
      require(text_of(after, setting) == text_of(before, setting), toml_name(setting), printed);
    }
  }
}

void check_preset_reads_back(const std::string& name, Preset preset) {
  for (Preset::Field& field : preset.fields) field.place.clear();
  const std::string printed = preset_text(name, preset);
  const auto again = accepted("printed", [&] { return parse_config(printed, "printed"); });
  require(again && again->presets.size() == 1 && again->settings.empty(),
          "what is printed is one preset", printed);
  const PresetTable& table = again->presets.front();
  require(table.name == name && table.about == preset.about, "a preset keeps its name", printed);
  Preset same{table.about, {}};
  for (const FileEntry& entry : table.settings) same.fields.push_back({entry.row, entry.texts, {}});
  require(preset_text(name, same) == printed, "a preset is read back", printed);
}

void check_too_large(std::string text) {
  text.resize(largest_config + 1, '\n');
  try {
    parse_config(text, "large");
  } catch (const Error& error) {
    require(std::string_view(error.what()).starts_with("large: the file is over 64 KiB"),
            "what is too large is refused for that", error.what());
    return;
  }
  require(false, "what is too large is refused");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  const File file(text);
  const Options options = options_of(file);
  const auto config =
      accepted(file.path(), [&] { return load_config(options, no_environment, /*cores=*/4); });
  if (config) {
    check_settings_read_back(*config);
    const std::vector<PresetTable> presets = parse_config(text, file.path()).presets;
    const Presets known = known_presets(options, no_environment);
    for (const PresetTable& table : presets) {
      check_preset_reads_back(table.name, *known.find(table.name));
    }
  }
  accepted(file.path(), [&] { return parse_model(text, file.path()); });
  check_too_large(text);
  return 0;
}
