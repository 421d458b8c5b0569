#include "lib/core/gate.h"

namespace gentlify {

std::string_view name(Gate gate) {
  switch (gate) {
    case Gate::none: return "none";
    case Gate::slots: return "slots";
    case Gate::rate: return "rate";
    case Gate::interval: return "interval";
    case Gate::budget: return "budget";
    case Gate::circuit: return "circuit";
    case Gate::pause: return "pause";
    case Gate::retry: return "retry";
    case Gate::load: return "load";
    case Gate::memory: return "memory";
    case Gate::local: return "local";
    case Gate::output: return "output";
    case Gate::input: return "input";
    case Gate::fleet: return "fleet";
    case Gate::drain: return "drain";
  }
  return "";
}

}  // namespace gentlify
