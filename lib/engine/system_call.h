// System calls that leave errno alone, for a child that shares it with us.
#pragma once

#if !defined(__x86_64__) && !defined(__aarch64__)
#include <unistd.h>

#include <cerrno>
#endif

namespace gentlify {

#if defined(__x86_64__) || defined(__aarch64__)
/// Whether `system_call` leaves errno alone here; if not, nobody may use errno meanwhile.
inline constexpr bool system_calls_are_bare = true;
#else
inline constexpr bool system_calls_are_bare = false;
#endif

/// The result, or -errno.
[[gnu::always_inline]] inline long system_call(long number, long a = 0, long b = 0, long c = 0,
                                               long d = 0) {
#if defined(__x86_64__)
  register long fourth __asm__("r10") = d;
  long result = number;
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(a), "S"(b), "d"(c), "r"(fourth)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long which __asm__("x8") = number;
  register long first __asm__("x0") = a;
  register long second __asm__("x1") = b;
  register long third __asm__("x2") = c;
  register long fourth __asm__("x3") = d;
  __asm__ volatile("svc 0"
                   : "+r"(first)
                   : "r"(which), "r"(second), "r"(third), "r"(fourth)
                   : "memory");
  return first;
#else
  const long result = ::syscall(number, a, b, c, d);
  return result < 0 ? -errno : result;
#endif
}

}  // namespace gentlify
