// The scheduler without a clock and without a thread: what runs, and when, in virtual time.
#include <gentlify/control/fixed.h>
#include <gentlify/control/scheduler.h>

#include <iostream>
#include <memory>
#include <variant>

namespace {

struct Nobody : gentlify::EventSink {
  void on_event(const gentlify::Event&, gentlify::TimePoint) override {}
};

}  // namespace

int main() {
  using namespace std::chrono_literals;
  gentlify::Bounds bounds;
  bounds.cap(1);
  gentlify::Controller::Gates gates;
  gates.law = std::make_unique<gentlify::Fixed>(bounds, 0, 1);
  gentlify::Pacer::Settings rate;
  rate.rate = {1, 10s};
  gates.pacer.emplace(rate);
  Nobody sink;
  gentlify::Scheduler scheduler(gentlify::Controller(std::move(gates)), gentlify::Retry({}, 1),
                                sink);

  gentlify::TimePoint now{};
  for (int id = 1; id <= 3; ++id) {
    gentlify::Job job;
    job.id = gentlify::JobId(static_cast<std::uint64_t>(id));
    scheduler.add(std::move(job), now);
  }
  scheduler.close_input();
  for (;;) {
    const gentlify::Step step = scheduler.next(now);
    if (std::holds_alternative<gentlify::Done>(step)) break;
    if (const auto* wait = std::get_if<gentlify::Wait>(&step)) {
      std::cout << "wait: " << name(wait->gate) << '\n';
      now = wait->until;
    } else if (const auto* start = std::get_if<gentlify::Start>(&step)) {
      const gentlify::JobId id = start->job.id;
      scheduler.on_started();
      std::cout << "job " << number(id) << " at " << gentlify::seconds(now.time_since_epoch())
                << " s\n";
      scheduler.on_end(id, now, {});
    }
  }
}
