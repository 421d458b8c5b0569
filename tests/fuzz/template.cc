// Templates: words without braces stay, an item's bytes are never read for placeholders, and each
// word becomes one argument.
#include <algorithm>
#include <string>
#include <vector>

#include "lib/core/error.h"
#include "lib/engine/template.h"
#include "tests/fuzz/fuzz.h"

using namespace gentlify;
using fuzz::require;

namespace {

using Words = std::vector<std::string>;

Fields fields_of(unsigned choice) {
  switch (choice % 6) {
    case 0: return {};
    case 1: return Fields::columns();
    case 2: return Fields::header({"name", "n", "1", ".", "/", "#"});
    case 3: return Fields::members();
    case 4: return Fields::lists(3);
    default: return Fields::batch();
  }
}

Job job_of(std::string_view item) {
  Job job;
  job.id = JobId{7};
  job.item = item;
  return job;
}

/// `text` with `mark` replaced by `item`.
std::string replaced(std::string_view text, std::string_view mark, std::string_view item) {
  std::string result;
  for (;;) {
    const std::size_t at = text.find(mark);
    result += text.substr(0, at);
    if (at == std::string_view::npos) return result;
    result += item;
    text.remove_prefix(at + mark.size());
  }
}

/// Items have no parts: {} and -I stand for them, {#} and {%} for numbers.
void check_plain(const Words& words, const std::string& mark, const Job& job) {
  constexpr std::string_view stand_in = "\x01item\x01";
  Fields none;
  const Template command = Template::command(words, mark, none);
  Words argv;
  if (!command.expand(job, 3, argv).empty()) return;
  const bool has_path_forms = std::any_of(words.begin(), words.end(), [](const auto& word) {
    return word.find("{.") != std::string::npos || word.find("{/") != std::string::npos ||
           word.find('\x01') != std::string::npos;
  });
  require(argv.size() == words.size() || argv.size() == words.size() + 1, "a word, an argument");
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool plain =
        words[i].find(mark) == std::string::npos && words[i].find('{') == std::string::npos;
    require(!plain || argv[i] == words[i], "a word without marks stays", words[i]);
  }
  if (has_path_forms) return;
  Words others;
  require(command.expand(job_of(stand_in), 3, others).empty(), "a short item fits");
  require(others.size() == argv.size(), "the number of arguments does not depend on the item");
  for (std::size_t i = 0; i < argv.size(); ++i) {
    require(argv[i] == replaced(others[i], stand_in, job.item), "an item is never read", argv[i]);
  }
}

void check_with_fields(unsigned choice, const Words& words, const std::string& mark, Job job) {
  Fields fields = fields_of(choice);
  for (const auto part : fuzz::split(job.item, ',')) job.parts.add(part);
  try {
    const Template command = Template::command(words, mark, fields);
    Words argv;
    const std::string why = command.expand(job, 3, argv);
    require(!why.empty() || (fields.spread() || argv.size() >= words.size()),
            "a word, an argument");
    require(!command.describe(job).empty(), "a job can be shown");
    Template::text(words.front(), mark, fields).text_of(job, 3);
  } catch (const Error&) {
  }
}

}  // namespace

/// A choice, a mark, an item and words, with NULs between them.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const unsigned choice = fuzz::take_choice(bytes);
  const std::vector<std::string_view> texts = fuzz::split(bytes, '\0');
  if (texts.size() < 3) return 0;
  const std::string mark(texts[0].empty() ? "{}" : texts[0]);
  const Job job = job_of(texts[1]);
  const Words words(texts.begin() + 2, texts.end());
  check_plain(words, mark, job);
  check_with_fields(choice, words, mark, job);
  return 0;
}
