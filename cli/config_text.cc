#include "cli/config_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "cli/config.h"
#include "cli/flag_docs.h"
#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// The value as TOML: bare where it is a number or a boolean, else a string or a list of them.
std::string toml_value(const Settings& settings, const Setting& setting) {
  if (const auto* list = std::get_if<std::vector<std::string> Settings::*>(&setting.member)) {
    std::string out;
    for (const std::string& text : settings.**list) {
      out += (out.empty() ? "" : ", ") + quoted(text);
    }
    return "[" + out + "]";
  }
  const std::string text = without_passwords(text_of(settings, setting));
  const bool may_be_bare = !std::holds_alternative<std::string Settings::*>(setting.member) &&
                           !std::holds_alternative<ExitSet Settings::*>(setting.member);
  const bool bare = is_switch(setting) || (may_be_bare && parse_decimal(text));
  return bare ? text : quoted(text);
}

/// Calls `visit` with each row in the order of a TOML file, that is the top level first, and
/// `begin_section` before the first row of each section.
void each_row(const std::function<void(std::string_view section)>& begin_section,
              const std::function<void(std::size_t row)>& visit) {
  const auto table = settings_table();
  std::vector<std::string_view> sections = {""};
  for (const Setting& setting : table) {
    if (std::find(sections.begin(), sections.end(), setting.section) == sections.end()) {
      sections.push_back(setting.section);
    }
  }
  for (const std::string_view section : sections) {
    if (!section.empty()) begin_section(section);
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (table[i].section == section) visit(i);
    }
  }
}

}  // namespace

std::string preset_text(const std::string& name, const Preset& preset) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  const bool bare = std::all_of(name.begin(), name.end(), is_plain);
  std::string out = fmt::format("[preset.{}]\n", bare ? name : quoted(name));
  if (!preset.about.empty()) out += fmt::format("about = {}\n", quoted(preset.about));
  std::vector<Preset::Field> fields = preset.fields;
  std::sort(fields.begin(), fields.end(),
            [](const auto& a, const auto& b) { return a.row < b.row; });
  Settings settings;
  for (const Preset::Field& field : fields) {
    const Setting& setting = settings_table()[field.row];
    for (const std::string& text : field.texts) assign(settings, setting, text);
    out += fmt::format("{} = {}", toml_name(setting), toml_value(settings, setting));
    if (!field.place.empty()) out += fmt::format("  # {}", field.place);
    out += '\n';
  }
  return out;
}

std::string show(const Config& config) {
  constexpr std::size_t widest = 44;  // a longer line does not push the comments of the others
  const auto line_of = [&](std::size_t row) {
    const Setting& setting = settings_table()[row];
    return fmt::format("{} = {}", setting.key, toml_value(config.settings, setting));
  };
  std::size_t width = 0;
  for (std::size_t i = 0; i < settings_table().size(); ++i) {
    const std::size_t n = columns(line_of(i));
    if (n <= widest) width = std::max(width, n);
  }
  const std::size_t preset_row = *find_setting("preset");
  const std::string& preset = config.settings.preset;
  const bool own_preset = !preset.empty() && !is_built_in_preset(preset);
  std::string out;
  each_row([&](std::string_view section) { out += fmt::format("\n[{}]\n", section); },
           [&](std::size_t row) {
             std::string line = line_of(row);
             const Origin& origin = config.origins[row];
             const bool built_in = origin.kind == Origin::Kind::built_in;
             // The file that has it need not be there when this is read: what it says is all here.
             if (row == preset_row && own_preset) line = "# " + line;
             out += line;
             out.append(width - std::min(width, columns(line)) + 2, ' ');
             out += fmt::format("# {}\n", built_in ? "default" : escape(origin.place));
           });
  return out;
}

std::string example_config() {
  Settings defaults;
  for (const Setting& setting : settings_table()) {
    if (!is_list(setting)) assign(defaults, setting, setting.fallback);
  }
  std::string out =
      "# Every setting of gentlify at its default. To be read it must be named:\n"
      "#\n"
      "#   gentlify --config example.toml ...\n";
  each_row([&](std::string_view section) { out += fmt::format("\n[{}]\n", section); },
           [&](std::size_t row) {
             const Setting& setting = settings_table()[row];
             out += '\n';
             for (const std::string& line : wrapped(setting.help, 78)) out += "# " + line + '\n';
             for (const std::string& line : wrapped(allowed_values(setting), 78)) {
               out += "# " + line + '\n';
             }
             out += fmt::format("{} = {}\n", setting.key, toml_value(defaults, setting));
           });
  return out;
}

}  // namespace gentlify
