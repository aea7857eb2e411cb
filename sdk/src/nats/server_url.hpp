#pragma once
// ServerUrl: what `--bus nats://…` says.
//
//     nats://HOST:4222[,nats://HOST:4222…][?ca=FILE&cert=FILE&key=FILE&creds=FILE&replicas=N]
//
// Immutable. Parsing throws Error(invalid) with what to write instead, and never shows a password.

#include <string>
#include <vector>

namespace ticketing::nats_driver {

struct ServerUrl {
  static ServerUrl parse(const std::string& text);

  /// Without user and password, for messages.
  std::string shown() const;

  std::vector<std::string> servers;
  bool is_encrypted = false;  ///< `tls://`
  std::string ca_file;        ///< Empty: those that the system trusts.
  std::string certificate_file;
  std::string key_file;
  std::string credentials_file;
  int replicas = 0;  ///< Of streams; 0: one, or as many as a stream has already.
};

}  // namespace ticketing::nats_driver
