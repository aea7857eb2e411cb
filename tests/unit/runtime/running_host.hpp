#pragma once
// RunningHost: a program's Host in this process, on free ports, with a data folder that outlives
// it.

#include <map>
#include <memory>
#include <string>

#include "memory_logger.hpp"
#include "support/eventually.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/http/client.hpp"
#include "ticketing/runtime/host.hpp"

namespace ticketing::test {

using Values = std::map<std::string, std::string>;

class RunningHost {
 public:
  explicit RunningHost(Program program, Values values = {})
      : program_(std::move(program)), values_(std::move(values)) {
    start();
  }

  /// Settings as on a command line, with free ports and the data folder.
  static Settings settings_for(const Program& program, const std::string& data_dir, Values values) {
    values.insert({{"listen", "127.0.0.1:0"},
                   {"admin", "127.0.0.1:0"},
                   {"bus-bind", "tcp://127.0.0.1:0"},
                   {"http-workers", "4"},
                   {"data-dir", data_dir}});
    return Settings::from(options_of(program), values);
  }

  void start() {
    settings_ = settings_for(program_, folder.path(), values_);
    host_ = std::make_unique<Host>(program_, settings_, logger);
    host_->start();
  }
  void restart() {
    host_->stop();
    host_.reset();
    start();
  }
  bool gets_ready() {
    return eventually([this] { return host_->ready(); });
  }
  Host* operator->() { return host_.get(); }

  Response send(const std::string& method, const std::string& path, const std::string& body = {}) {
    HttpClient client{"http://127.0.0.1:" + std::to_string(host_->port())};
    Headers headers;
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    return client.send(method, path, headers, body);
  }
  Response admin(const std::string& path) {
    HttpClient client{"http://127.0.0.1:" + std::to_string(host_->admin_port())};
    return client.send("GET", path);
  }

  TempFolder folder;
  MemoryLogger logger;

 private:
  Program program_;
  Values values_;
  Settings settings_ = Settings::from({}, {});
  std::unique_ptr<Host> host_;
};

}  // namespace ticketing::test
