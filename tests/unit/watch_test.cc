// Readiness, told to the right one and to nobody else.
#include "lib/engine/watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "lib/engine/fd.h"
#include "tests/unit/catch.h"

using namespace gentlify;

namespace {

struct Counter : Watched {
  int calls = 0;
  void on_ready(std::uint32_t) override { ++calls; }
};

struct Pipe {
  Fd reader, writer;
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    reader.reset(ends[0]);
    writer.reset(ends[1]);
  }
  void fill() const { REQUIRE(::write(writer.get(), "x", 1) == 1); }
};

}  // namespace

TEST_CASE("who watches a descriptor is told while it is ready, and not after it was forgotten") {
  boost::asio::io_context io;
  Watch watch(io);
  const Pipe pipe;
  Counter counter;
  REQUIRE(watch.add(pipe.reader.get(), EPOLLIN, counter));
  io.poll();
  CHECK(counter.calls == 0);
  pipe.fill();
  io.run_one();
  CHECK(counter.calls == 1);
  io.run_one();
  CHECK(counter.calls == 2);
  watch.remove(pipe.reader.get(), counter);
  io.poll();
  CHECK(counter.calls == 2);
}

TEST_CASE("an event of a closed descriptor that a child still holds reaches nobody") {
  boost::asio::io_context io;
  Watch watch(io);
  Pipe closed;
  const Fd held_by_child(::dup(closed.reader.get()));
  Counter first;
  REQUIRE(watch.add(closed.reader.get(), EPOLLIN, first));
  watch.remove(closed.reader.get(), first);
  closed.reader.reset();
  const Pipe other;
  Counter second;  // takes the place that the first one had
  REQUIRE(watch.add(other.reader.get(), EPOLLIN, second));
  closed.fill();
  io.poll_one();
  CHECK(first.calls == 0);
  CHECK(second.calls == 0);
}

TEST_CASE("an event that has come already does not reach one that was removed in the same round") {
  boost::asio::io_context io;
  Watch watch(io);
  const Pipe pipes[2];
  struct Remover : Watched {
    Watch* watch = nullptr;
    const Pipe* pipe = nullptr;
    Remover* other = nullptr;
    int calls = 0;
    void on_ready(std::uint32_t) override {
      ++calls;
      watch->remove(other->pipe->reader.get(), *other);
    }
  };
  Remover removers[2];
  for (std::size_t i = 0; i < 2; ++i) {
    removers[i].watch = &watch;
    removers[i].pipe = &pipes[i];
    removers[i].other = &removers[1 - i];
    REQUIRE(watch.add(pipes[i].reader.get(), EPOLLIN, removers[i]));
    pipes[i].fill();
  }
  io.run_one();
  CHECK(removers[0].calls + removers[1].calls == 1);
}

TEST_CASE("a descriptor that is always ready cannot be watched, and that is said") {
  boost::asio::io_context io;
  Watch watch(io);
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Counter counter;
  CHECK_FALSE(watch.add(null.get(), EPOLLIN, counter));
}
