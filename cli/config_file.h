// A TOML file as settings: which ones it sets, to what, and where.
#pragma once

#include <string>
#include <vector>

namespace gentlify {

/// One key of a file.
struct FileEntry {
  std::size_t row;                 ///< of settings_table()
  std::vector<std::string> texts;  ///< as assign() takes them; one but for a list
  std::string place;               ///< "ci.toml:3:1", of the value
};

/// A table [preset.NAME].
struct PresetTable {
  std::string name;
  std::string about;  ///< its key `about`
  std::vector<FileEntry> settings;
};

struct ConfigFile {
  std::vector<FileEntry> settings;
  std::vector<PresetTable> presets;
};

/// A larger file is no list of settings.
inline constexpr std::size_t largest_config = 64 * 1024;

/// Throws Error(bad_config) naming file, line and column where the file cannot be read, is not
/// TOML, or sets what is no setting or to a value of the wrong type. Values are not checked
/// further.
ConfigFile read_config_file(const std::string& path);

/// The same of a file's text.
ConfigFile parse_config(const std::string& text, const std::string& path);

}  // namespace gentlify
