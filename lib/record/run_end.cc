#include "lib/record/run_end.h"

namespace gentlify {

double RunEnd::rate() const {
  const auto completed = static_cast<double>(succeeded + failed);
  return completed > 1 && ran > Duration{} ? completed / seconds(ran) : 0;
}

}  // namespace gentlify
