#include "cli/config_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/names.h"
#include "cli/toml_text.h"
#include "lib/core/overloaded.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

/// The TOML types that a setting can be written in.
struct Types {
  bool string = false, integer = false, floating = false, boolean = false, array = false;

  explicit Types(const Setting& setting) {
    const bool has_word = setting.range.find('|') != std::string_view::npos;  // as "auto"
    std::visit(Overloaded{
                   [&](bool Settings::*) { boolean = true; },
                   [&](int Settings::*) { integer = true, string = has_word; },
                   [&](std::uint64_t Settings::*) {
                     integer = true, string = has_word || setting.form == Setting::Form::size;
                   },
                   [&](double Settings::*) { integer = floating = true, string = has_word; },
                   [&](Duration Settings::*) { integer = floating = string = true; },
                   [&](std::string Settings::*) { string = true; },
                   [&](std::vector<std::string> Settings::*) { array = string = true; },
                   [&](Concurrency Settings::*) { integer = string = true; },
                   [&](Milestones Settings::*) { integer = string = true; },
                   [&](ExitSet Settings::*) { integer = string = true; },
                   [&](Rate Settings::*) { string = true; },
                   [&](HaltRule Settings::*) { string = true; },
               },
               setting.member);
  }

  bool allow(toml::node_type type) const {
    return (type == toml::node_type::string && string) ||
           (type == toml::node_type::integer && integer) ||
           (type == toml::node_type::floating_point && floating) ||
           (type == toml::node_type::boolean && boolean) ||
           (type == toml::node_type::array && array);
  }

  std::string sentence() const {
    std::string out;
    const auto add = [&](bool allowed, std::string_view name) {
      if (allowed) out += (out.empty() ? "must be " : " or ") + std::string(name);
    };
    add(boolean, "true or false");
    add(integer, "an integer");
    add(floating, "a float");
    add(string, "a string");
    add(array, "an array of strings");
    return out;
  }
};

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  ConfigFile read(const toml::table& file) {
    ConfigFile out;
    for (const auto& [key, node] : file) {
      if (key.str() == "preset" && node.is_table()) {
        read_presets(*node.as_table(), out);
      } else {
        read_setting(key, node, out.settings);
      }
    }
    return out;
  }

 private:
  /// The tables [preset.NAME]. A file that has some cannot say `preset = "NAME"` as well: TOML has
  /// `preset.use = "NAME"` for that.
  void read_presets(const toml::table& presets, ConfigFile& out) {
    for (const auto& [key, node] : presets) {
      if (key.str() == "use") {
        read_entry("preset", key, node, out.settings);
        continue;
      }
      const std::string place = place_of(path_, key.source().begin);
      const toml::table* table = node.as_table();
      if (table == nullptr || key.str().empty()) {
        refuse(place,
               fmt::format("preset.{0}: must be a table, written [preset.{0}]", shown(key.str())));
      }
      PresetTable preset{std::string(key.str()), {}, {}};
      for (const auto& [inner, value] : *table) {
        const std::string at = place_of(path_, value.source().begin);
        if (inner.str() == "about") {
          if (!value.is_string()) refuse(at, "about: must be a string");
          preset.about = text_of(value);
        } else if (inner.str() == "preset") {
          refuse(at, "a preset cannot take another one");
        } else {
          read_setting(inner, value, preset.settings);
        }
      }
      out.presets.push_back(std::move(preset));
    }
  }

  /// A setting at the top level, or a section of them.
  void read_setting(const toml::key& key, const toml::node& node, std::vector<FileEntry>& into) {
    if (!is_section(key.str())) return read_entry(std::string(key.str()), key, node, into);
    const toml::table* section = node.as_table();
    if (section == nullptr) {
      refuse(place_of(path_, key.source().begin),
             fmt::format("{0}: must be a table, written [{0}]", key.str()));
    }
    for (const auto& [inner, value] : *section) {
      read_entry(fmt::format("{}.{}", key.str(), inner.str()), inner, value, into);
    }
  }

  static bool is_section(std::string_view name) {
    const auto table = settings_table();
    return std::any_of(table.begin(), table.end(),
                       [&](const Setting& s) { return !s.section.empty() && s.section == name; });
  }

  /// The key that was probably meant. `jobs` is written by those who know --jobs.
  static std::string hint_for(const std::string& name) {
    std::string flag = "--" + name;
    for (char& c : flag) c = c == '_' || c == '.' ? '-' : c;
    std::vector<std::string> names;
    if (const auto row = find_flag(flag)) {
      names.push_back(toml_name(settings_table()[*row]));
      return did_you_mean(names.front(), names);
    }
    for (const Setting& setting : settings_table()) {
      names.push_back(toml_name(setting));
      if (!setting.section.empty()) names.emplace_back(setting.section);
    }
    return did_you_mean(name, names);
  }

  void read_entry(const std::string& name, const toml::key& key, const toml::node& node,
                  std::vector<FileEntry>& into) {
    const auto row = find_setting(name);
    if (!row) {
      refuse(place_of(path_, key.source().begin),
             fmt::format("{}: there is no such setting{}", shown(name), hint_for(name)));
    }
    const Types types(settings_table()[*row]);
    if (!types.allow(node.type())) refuse_type(name, node, types, node);
    FileEntry entry{*row, {}, place_of(path_, node.source().begin)};
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& element : *array) {
        if (!element.is_string()) refuse_type(name, node, types, element);
        entry.texts.push_back(text_of(element));
      }
    } else {
      entry.texts.push_back(text_of(node));
    }
    into.push_back(std::move(entry));
  }

  [[noreturn]] void refuse_type(const std::string& name, const toml::node& value,
                                const Types& types, const toml::node& wrong) {
    const std::string text = text_of(wrong);
    const bool has_text = &value == &wrong && (wrong.is_string() || !text.empty());
    refuse(place_of(path_, wrong.source().begin),
           fmt::format("{}{}: {}, not {}", name, has_text ? " = " + shown(text) : "",
                       types.sentence(), type_name(wrong.type())));
  }

  const std::string& path_;
};

}  // namespace

ConfigFile parse_config(const std::string& text, const std::string& path) {
  return Reader(path).read(parse_toml(text, path));
}

ConfigFile read_config_file(const std::string& path) {
  return parse_config(read_toml(path, "configuration"), path);
}

}  // namespace gentlify
