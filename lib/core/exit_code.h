// gentlify's exit codes, in one place. See "EXIT STATUS" in the manual.
#pragma once

namespace gentlify {

enum class ExitCode {
  ok = 0,
  failed_jobs = 1,
  usage = 64,
  bad_data = 65,
  no_input = 66,
  unavailable = 69,
  internal_error = 70,
  cannot_fork = 71,
  cannot_create = 73,
  output_failed = 74,
  try_later = 75,
  no_permission = 77,
  bad_config = 78,
  not_executable = 126,
  not_found = 127,
};

/// Died of a signal: 128 + its number.
constexpr int signal_base = 128;

}  // namespace gentlify
