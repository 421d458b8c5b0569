// --listen: how a run stands, for a browser and for Prometheus, while it goes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/request.h"
#include "cli/status_line.h"
#include "lib/core/event.h"
#include "lib/engine/engine.h"
#include "lib/engine/http_server.h"
#include "lib/record/journal_text.h"
#include "lib/record/metrics.h"
#include "lib/record/report_feed.h"

namespace gentlify {

class RunPages : public EventSink {
 public:
  /// Listens, and says where; where the settings do not ask for that it does nothing. Throws
  /// Error(cannot_create) where it cannot.
  RunPages(const RunRequest& request, const Plan& plan, std::uint64_t run, Host& host,
           const Metrics& metrics, StatusLine& status);

  void on_event(const Event& event, TimePoint now) override;

  /// The run is over.
  void close() { server_.reset(); }

 private:
  std::optional<HttpPage> page(std::string_view path);
  const std::string& data();
  void feed();

  const Metrics& metrics_;
  StatusLine& status_;
  JournalText text_;
  ReportFeed feed_;
  std::string data_;
  TimePoint data_until_{};
  std::unique_ptr<HttpServer> server_;
};

}  // namespace gentlify
