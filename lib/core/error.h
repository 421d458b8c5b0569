// An error that ends the run: one sentence for people and the exit code for programs.
#pragma once

#include <stdexcept>
#include <string>

#include "lib/core/exit_code.h"

namespace gentlify {

class Error : public std::runtime_error {
 public:
  /// `sentence` says what, where and what to do; no "gentlify:" before it, no newline after it.
  Error(ExitCode code, const std::string& sentence) : std::runtime_error(sentence), code_(code) {}

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace gentlify
