#include "lib/engine/pressure.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "lib/core/error.h"

namespace gentlify {

namespace {

/// The kernel itself brings these numbers up to date no more often than each 2 s.
constexpr Duration look_each = std::chrono::seconds(1);

}  // namespace

Pressure::Pressure(const Settings& settings)
    : load_{Gate::load, "the load average", "--load", "", settings.load},
      memory_{Gate::memory, "the memory pressure", "--memory-pressure",
              "some avg10=", settings.memory} {
  load_.open(settings.load_file, "/proc is not mounted, it seems");
  memory_.open(
      settings.memory_file,
      "the kernel tells of it from 4.20 on, where it was built with CONFIG_PSI and, in some "
      "distributions, booted with psi=1");
}

/// The file stays open: a look must not fail for want of a descriptor.
void Pressure::Gauge::open(const std::string& path, std::string_view advice) {
  if (most <= 0) return;
  file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  errno = file ? EINVAL : errno;
  if (file && read()) return;
  throw Error(ExitCode::bad_config,
              fmt::format("{}: {} is not known here, for {} cannot be read ({}): {}; run without "
                          "this setting, or set it to none",
                          flag, name, path, std::strerror(errno), advice));
}

std::optional<double> Pressure::Gauge::read() const {
  std::array<char, 256> buffer{};
  const ssize_t n = ::pread(file.get(), buffer.data(), buffer.size(), 0);
  if (n <= 0) return {};
  std::string_view text(buffer.data(), static_cast<std::size_t>(n));
  if (!text.starts_with(head)) return {};
  text.remove_prefix(head.size());
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

bool Pressure::look(TimePoint now) {
  if (now < next_ || (load_.most <= 0 && memory_.most <= 0)) return false;
  next_ = later(now, look_each);
  for (Gauge* gauge : {&load_, &memory_}) {
    if (gauge->most > 0) gauge->value = gauge->read().value_or(gauge->value);
  }
  return true;
}

const Pressure::Gauge* Pressure::gauge_of(Gate gate) const {
  if (gate == Gate::load) return &load_;
  return gate == Gate::memory ? &memory_ : nullptr;
}

bool Pressure::is_over(Gate gate) const {
  const Gauge* gauge = gauge_of(gate);
  return gauge != nullptr && gauge->most > 0 && gauge->value > gauge->most;
}

TimePoint Pressure::next(Gate gate) const {
  return gauge_of(gate) != nullptr ? next_ : never;
}

std::string Pressure::news(Gate gate) {
  if (gauge_of(gate) == nullptr) return {};
  Gauge& gauge = gate == Gate::load ? load_ : memory_;
  if (std::exchange(gauge.told, true)) return {};
  return fmt::format(
      "{} is {}, and {} is {}: while it is over that, a job starts only where no "
      "other runs",
      gauge.name, gauge.value, gauge.flag, gauge.most);
}

}  // namespace gentlify
