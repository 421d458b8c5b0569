// For std::visit: one function out of several.
#pragma once

namespace gentlify {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace gentlify
