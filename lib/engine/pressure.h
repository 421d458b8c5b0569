// How busy this machine is, for the gates `load` and `memory`: the load average of the last minute,
// and the percent of the last 10 s in which some process has waited for memory ("some avg10" of
// /proc/pressure/memory, which the kernel's Documentation/accounting/psi.rst describes).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/core/gate.h"
#include "lib/core/time.h"
#include "lib/engine/fd.h"

namespace gentlify {

class Pressure {
 public:
  struct Settings {
    double load = 0;    ///< no start while the load average is over this; 0: whatever it is
    double memory = 0;  ///< the same for the pressure on memory, a percentage
    std::string load_file = "/proc/loadavg";
    std::string memory_file = "/proc/pressure/memory";
  };

  /// Throws Error where what is to be looked at is not there.
  explicit Pressure(const Settings& settings);

  /// Looks, where something is to be looked at and the last look is a second old; true where it
  /// has. What cannot be read now keeps its last value.
  bool look(TimePoint now);
  bool is_over(Gate gate) const;
  /// When a look is due where `gate` holds jobs back; `never` where that is none of ours.
  TimePoint next(Gate gate) const;
  /// For people, why `gate` holds jobs back; empty where that has been said before.
  std::string news(Gate gate);

 private:
  /// A number that the kernel tells, and the most that it may be.
  struct Gauge {
    Gate gate;
    std::string_view name;  // "the load average"
    std::string_view flag;
    std::string_view head;  // what stands before the number
    double most;            // 0: not looked at
    Fd file = {};
    double value = 0;
    bool told = false;

    void open(const std::string& path, std::string_view advice);
    std::optional<double> read() const;
  };

  const Gauge* gauge_of(Gate gate) const;

  Gauge load_;
  Gauge memory_;
  TimePoint next_{};
};

}  // namespace gentlify
