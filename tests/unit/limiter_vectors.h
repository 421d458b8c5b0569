// The cases of tests/vectors/limiters.txt, for all that must answer them.
#pragma once

#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace gentlify::test {

struct LimiterCase {
  struct Question {
    int line = 0;  ///< of the file
    std::int64_t now_ms = 0;
    std::uint64_t cost = 0;
    std::string answer;  ///< what comes after the arrow
  };

  std::string kind;  ///< gcra, log or meter
  std::uint64_t amount = 0;
  std::int64_t period_ms = 0;
  std::uint64_t burst = 0;  ///< of a gcra
  std::vector<Question> questions;
};

inline std::vector<LimiterCase> limiter_cases() {
  std::ifstream file(GENTLIFY_TEST_VECTORS "/limiters.txt");
  if (!file) throw std::runtime_error("there are no vectors");
  std::vector<LimiterCase> cases;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    line = line.substr(0, line.find('#'));
    if (line.empty()) continue;
    std::istringstream words(line);
    if (std::isalpha(static_cast<unsigned char>(line.front())) != 0) {
      LimiterCase& c = cases.emplace_back();
      words >> c.kind >> c.amount >> c.period_ms >> c.burst;
      continue;
    }
    LimiterCase::Question question;
    question.line = number;
    std::string arrow;
    words >> question.now_ms >> question.cost >> arrow >> std::ws;
    std::getline(words, question.answer);
    if (arrow != "->" || cases.empty()) throw std::runtime_error("no question: " + line);
    cases.back().questions.push_back(question);
  }
  return cases;
}

}  // namespace gentlify::test
