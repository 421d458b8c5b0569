#include "lib/engine/input/json_source.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "lib/core/text.h"
#include "lib/engine/input/row_source.h"

namespace gentlify {

namespace {

namespace json = simdjson::ondemand;

constexpr Cost most_cost = 1'000'000'000'000;
constexpr int most_depth = 1024;  // of nested arrays and objects: a level takes of our stack
constexpr int most_retries = 999'999;
constexpr Duration longest_timeout = std::chrono::hours(24 * 365);

/// Why a line cannot be used, in words for its user.
struct Fault {
  std::string what;
};

[[noreturn]] void refuse(std::string what) {
  throw Fault{std::move(what)};
}

std::string in_quotes(std::string_view name) {
  return '"' + clip(escape(name), 60) + '"';
}

std::string_view words_for(simdjson::error_code error) {
  if (error == simdjson::UTF8_ERROR) return "it is not UTF-8";
  if (error == simdjson::UNCLOSED_STRING) return "a string is not closed";
  if (error == simdjson::UNESCAPED_CHARS) return "a control character in a string is not escaped";
  if (error == simdjson::STRING_ERROR) return "a string holds a bad escape";
  if (error == simdjson::NUMBER_ERROR) return "a number is not written as JSON has it";
  if (error == simdjson::DEPTH_ERROR) return "it is nested too deeply";
  if (error == simdjson::INCORRECT_TYPE) return "it is not an object";
  return "this is no JSON";
}

void check(simdjson::error_code error) {
  if (error != simdjson::SUCCESS) refuse(std::string(words_for(error)));
}

/// `result` without its error.
template <typename T>
T get(simdjson::simdjson_result<T> result) {
  T value;
  check(std::move(result).get(value));
  return value;
}

std::string_view trim(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_number(std::string_view text) {
  const auto digits = [&] {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool zero = text.starts_with('0');
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

/// A value of a member; views are good until the next line is read.
struct Value {
  enum class Kind { string, number, boolean, null, array, object };
  Kind kind = Kind::null;
  std::string_view text;  // as it stands for itself in a template
};

std::string_view no_nul(std::string_view name, std::string_view text) {
  if (text.find('\0') == std::string_view::npos) return text;
  refuse(fmt::format("{} holds a NUL, which no argument can", in_quotes(name)));
}

std::string_view string_of(std::string_view name, const Value& value) {
  if (value.kind != Value::Kind::string)
    refuse(fmt::format("{} must be a string", in_quotes(name)));
  return value.text;
}

bool is_scalar(const Value& value) {
  return value.kind == Value::Kind::string || value.kind == Value::Kind::number ||
         value.kind == Value::Kind::boolean;
}

std::uint64_t whole_number(std::string_view name, const Value& value, std::uint64_t least,
                           std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, number);
  if (value.kind != Value::Kind::number || stop != end || error != std::errc() || number < least ||
      number > most) {
    refuse(fmt::format("{} must be a whole number from {} to {}", in_quotes(name), least, most));
  }
  return number;
}

}  // namespace

class JsonSource::Reader {
 public:
  explicit Reader(JsonRules rules) : rules_(std::move(rules)) {}

  void read(Job& job);

 private:
  void read_members(Job& job);
  void take(std::string_view name, json::value value, Job& job);
  bool take_option(std::string_view name, const Value& value, Job& job);
  void take_argv(json::value value);
  void take_environment(json::value value);
  void set_timeout(const Value& value);
  void check_command() const;
  void fill_parts(Job& job) const;
  Value read_value(json::value value);
  std::string_view walk_array(json::value value);
  std::string_view walk_object(json::value value);
  std::string_view text_since(const char* begin);
  void enter();
  void mark();
  JobOptions& options();

  JsonRules rules_;
  json::parser parser_;
  std::string line_;  // with room behind it, as simdjson wants it
  json::document document_;
  int depth_ = 0;             // of the value that is being read
  const char* at_ = nullptr;  // what is being read; null: the line as a whole
  std::shared_ptr<JobOptions> options_;
  std::vector<std::optional<std::string_view>> found_;  // for the template
};

JobOptions& JsonSource::Reader::options() {
  if (!options_) options_ = std::make_shared<JobOptions>();
  return *options_;
}

void JsonSource::Reader::read(Job& job) {
  options_.reset();
  found_.assign(rules_.members.size(), {});
  job.parts.clear();
  if (!job.defect.empty()) return;
  line_.reserve(job.item.size() + simdjson::SIMDJSON_PADDING);
  line_ = job.item;
  at_ = nullptr;
  depth_ = 1;
  try {
    read_members(job);
    check_command();
    fill_parts(job);
  } catch (const Fault& fault) {
    const std::string_view before(
        line_.data(), at_ == nullptr ? 0 : static_cast<std::size_t>(at_ - line_.data()));
    const std::string line = job.line > 0 ? fmt::format("line {}", job.line) : "item";
    job.defect = at_ == nullptr
                     ? fmt::format("{}: {}", line, fault.what)
                     : fmt::format("{}, column {}: {}", line, characters(before) + 1, fault.what);
    job.parts.clear();
    return;
  }
  job.own = std::move(options_);
}

void JsonSource::Reader::read_members(Job& job) {
  check(parser_.iterate(line_.data(), line_.size(), line_.size() + simdjson::SIMDJSON_PADDING)
            .get(document_));
  json::object object;
  check(document_.get_object().get(object));
  for (auto member : object) {
    json::field field;
    const simdjson::error_code error = std::move(member).get(field);
    if (error != simdjson::SUCCESS) mark();
    check(error);
    at_ = field.key().raw() - 1;  // its quote
    const std::string_view name = get(field.unescaped_key());
    take(name, field.value(), job);
  }
  const char* rest = nullptr;
  if (document_.current_location().get(rest) != simdjson::OUT_OF_BOUNDS) {
    mark();
    refuse("after the object there is something more");
  }
  at_ = nullptr;
}

/// A fault from now on is one of this place.
void JsonSource::Reader::mark() {
  if (document_.current_location().get(at_) != simdjson::SUCCESS) at_ = nullptr;
}

void JsonSource::Reader::take(std::string_view name, json::value value, Job& job) {
  const auto asked = std::find(rules_.members.begin(), rules_.members.end(), name);
  const bool is_asked = asked != rules_.members.end();
  std::string_view text;
  bool is_known = true;
  if (name == "argv" || name == "env") {
    const char* const begin = value.raw_json_token().data();
    if (name == "argv") {
      take_argv(value);
    } else {
      take_environment(value);
    }
    text = text_since(begin);
  } else {
    const Value read = read_value(value);
    text = read.text;
    is_known = take_option(name, read, job);
  }
  if (is_asked) {
    found_[static_cast<std::size_t>(asked - rules_.members.begin())] = no_nul(name, text);
  } else if (!is_known && !rules_.allow_unknown) {
    refuse(fmt::format("{} is not known here, and nothing uses it (--allow-unknown lets it be)",
                       in_quotes(name)));
  }
}

/// A member that has its meaning for us; false where it has none.
bool JsonSource::Reader::take_option(std::string_view name, const Value& value, Job& job) {
  if (name == "shell") {
    options().shell = no_nul(name, string_of(name, value));
  } else if (name == "id") {
    if (!is_scalar(value) || value.text.empty()) refuse("\"id\" must be a string or a number");
    options().id = no_nul(name, value.text);
  } else if (name == "cwd") {
    options().directory = no_nul(name, string_of(name, value));
    if (value.text.empty()) refuse("\"cwd\" must not be empty");
  } else if (name == "stdin") {
    options().input = string_of(name, value);
  } else if (name == "cost") {
    job.cost = whole_number(name, value, 1, most_cost);
  } else if (name == "retries") {
    options().max_attempts = static_cast<int>(whole_number(name, value, 0, most_retries)) + 1;
  } else if (name == "timeout") {
    set_timeout(value);
  } else {
    return false;
  }
  return true;
}

void JsonSource::Reader::set_timeout(const Value& value) {
  const auto timeout = is_scalar(value) ? rules_.parse_duration(value.text) : std::nullopt;
  if (!timeout || *timeout < std::chrono::milliseconds(1) || *timeout > longest_timeout) {
    refuse("\"timeout\" must be seconds, or a time like \"1.5s\" or \"2m\", from 1ms to 365d");
  }
  options().timeout = *timeout;
}

void JsonSource::Reader::take_argv(json::value value) {
  if (get(value.type()) != json::json_type::array) refuse("\"argv\" must be an array");
  json::array array;
  check(value.get_array().get(array));
  std::vector<std::string> argv;
  argv.reserve(8);
  for (auto element : array) {
    const Value word = read_value(get(element));
    if (!is_scalar(word)) refuse("\"argv\" must hold strings and numbers only");
    argv.emplace_back(no_nul("argv", word.text));
  }
  if (argv.empty() || argv.front().empty()) refuse("\"argv\" must begin with a program");
  options().argv = std::move(argv);
}

void JsonSource::Reader::take_environment(json::value value) {
  if (get(value.type()) != json::json_type::object) refuse("\"env\" must be an object");
  json::object object;
  check(value.get_object().get(object));
  std::vector<std::string> environment;
  for (auto member : object) {
    json::field field;
    check(std::move(member).get(field));
    const std::string_view name = no_nul("env", get(field.unescaped_key()));
    if (name.empty() || name.find('=') != std::string_view::npos) {
      refuse(fmt::format("\"env\" holds {}, which is no variable's name", in_quotes(name)));
    }
    if (name.starts_with("GENTLIFY_")) {
      refuse(fmt::format("\"env\" holds {}: names with GENTLIFY_ are gentlify's own",
                         in_quotes(name)));
    }
    const Value text = read_value(field.value());
    if (!is_scalar(text)) refuse(fmt::format("{} in \"env\" must be a string", in_quotes(name)));
    std::erase_if(environment, [&](const std::string& variable) {
      return variable.size() > name.size() && variable.starts_with(name) &&
             variable[name.size()] == '=';
    });
    environment.push_back(std::string(name).append("=").append(no_nul(name, text.text)));
  }
  options().environment = std::move(environment);
}

void JsonSource::Reader::check_command() const {
  const bool argv = options_ && !options_->argv.empty();
  const bool shell = options_ && options_->shell;
  if (rules_.has_template && (argv || shell)) {
    refuse(fmt::format("\"{}\" says what to run, and so does COMMAND", argv ? "argv" : "shell"));
  }
  if (argv && shell) refuse("\"argv\" says what to run, and so does \"shell\"");
  if (!rules_.has_template && !argv && !shell) {
    refuse("there is neither \"argv\" nor \"shell\", and no COMMAND");
  }
}

void JsonSource::Reader::fill_parts(Job& job) const {
  std::size_t bytes = 0;
  for (const auto& text : found_) bytes += text ? text->size() : 0;
  job.parts.reserve(found_.size(), bytes);
  for (std::size_t i = 0; i < found_.size(); ++i) {
    if (!found_[i]) refuse(fmt::format("there is no member {}", in_quotes(rules_.members[i])));
    job.parts.add(*found_[i]);
  }
}

Value JsonSource::Reader::read_value(json::value value) {
  using Kind = Value::Kind;
  switch (get(value.type())) {
    case json::json_type::string: return {Kind::string, get(value.get_string())};
    case json::json_type::number: {
      const std::string_view text = trim(value.raw_json_token());
      if (!is_number(text)) check(simdjson::NUMBER_ERROR);
      return {Kind::number, text};
    }
    case json::json_type::boolean: {
      const std::string_view text = trim(value.raw_json_token());
      if (text != "true" && text != "false") check(simdjson::TAPE_ERROR);
      return {Kind::boolean, text};
    }
    case json::json_type::null:
      if (trim(value.raw_json_token()) != "null") check(simdjson::TAPE_ERROR);
      return {Kind::null, {}};
    case json::json_type::array: return {Kind::array, walk_array(value)};
    case json::json_type::object: return {Kind::object, walk_object(value)};
  }
  return {};
}

/// Reads all that is in an array, so that it is known to be JSON, and returns it as it is written.
std::string_view JsonSource::Reader::walk_array(json::value value) {
  const char* const begin = value.raw_json_token().data();
  json::array array;
  check(value.get_array().get(array));
  enter();
  for (auto element : array) read_value(get(element));
  --depth_;
  return text_since(begin);
}

std::string_view JsonSource::Reader::walk_object(json::value value) {
  const char* const begin = value.raw_json_token().data();
  json::object object;
  check(value.get_object().get(object));
  enter();
  for (auto member : object) {
    json::field field;
    check(std::move(member).get(field));
    get(field.unescaped_key());
    read_value(field.value());
  }
  --depth_;
  return text_since(begin);
}

void JsonSource::Reader::enter() {
  if (++depth_ > most_depth) check(simdjson::DEPTH_ERROR);
}

std::string_view JsonSource::Reader::text_since(const char* begin) {
  const char* end = nullptr;
  check(document_.current_location().get(end));
  return trim({begin, static_cast<std::size_t>(end - begin)});
}

JsonSource::JsonSource(std::unique_ptr<Source> inner, JsonRules rules)
    : SourceOver(std::move(inner)), reader_(std::make_unique<Reader>(std::move(rules))) {}

JsonSource::~JsonSource() = default;

Source::Read JsonSource::next(Job& job) {
  const Read read = inner().next(job);
  if (read != Read::item) return read;
  drop_byte_order_mark(job);
  reader_->read(job);
  return read;
}

}  // namespace gentlify
