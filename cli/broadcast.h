// Tells each event of a run to several listeners, in order.
#pragma once

#include <vector>

#include "lib/core/event.h"

namespace gentlify {

class Broadcast : public EventSink {
 public:
  void add(EventSink& sink) { sinks_.push_back(&sink); }
  void on_event(const Event& event, TimePoint now) override {
    for (EventSink* sink : sinks_) sink->on_event(event, now);
  }

 private:
  std::vector<EventSink*> sinks_;
};

}  // namespace gentlify
