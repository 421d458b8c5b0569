// Which jobs of a shared list have ended here, to be told to the server.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace gentlify::fleet {

/// "1 5-9"
std::string runs_of(const std::set<std::uint64_t>& numbers);

struct JobEnds {
  std::set<std::uint64_t> done;
  std::set<std::uint64_t> failed;  ///< for good

  bool empty() const { return done.empty() && failed.empty(); }
  std::size_t size() const { return done.size() + failed.size(); }
  bool contains(std::uint64_t n) const { return done.contains(n) || failed.contains(n); }
  /// Takes what `others` has.
  void add(JobEnds& others);
  /// Gives away so many of them.
  JobEnds split(std::size_t most);
};

}  // namespace gentlify::fleet
