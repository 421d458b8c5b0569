// A job that costs as little as a program can: it is linked statically and ends at once.
//
//   idle [ITEM]     ITEM: `sleep` never ends; `last` says so on stdout; all others just end
#include <unistd.h>

#include <cstring>

int main(int argc, char** argv) {
  if (argc < 2) return 0;
  while (std::strcmp(argv[1], "sleep") == 0) ::pause();
  if (std::strcmp(argv[1], "last") == 0 && ::write(STDOUT_FILENO, "last\n", 5) != 5) return 1;
  return 0;
}
