#include "core/json_merge.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/json_members.hpp"
#include "core/json_walk.hpp"

namespace ticketing::json {

namespace {

/// Names, and values as they stand there.
using Texts = std::vector<std::pair<std::string, std::string>>;

/// However the reading ends.
struct ShrinkAtEnd {
  Workspace& workspace;
  ~ShrinkAtEnd() { workspace.shrink(); }
};

Texts members_of(std::string_view text) {
  const JsonLimits limits;
  Workspace& workspace = Workspace::of_thread();
  const ShrinkAtEnd at_end{workspace};
  auto document = workspace.open(text, limits.bytes_max);
  Walker walk{workspace, document, limits.depth_max};
  Texts members;
  for (auto entry : value_or_malformed(document.get_object())) {
    auto member = value_or_malformed(std::move(entry));
    std::string name{walk.key_of(member.key().raw())};
    members.emplace_back(std::move(name), walk.raw(member.value()));
  }
  walk.finish();
  return members;
}

}  // namespace

std::string merged(std::string_view json, std::string_view changes) {
  Texts members = members_of(json);
  for (auto& change : members_of(changes)) {
    const auto own = std::find_if(members.begin(), members.end(),
                                  [&](const auto& one) { return one.first == change.first; });
    if (own == members.end()) {
      members.push_back(std::move(change));
    } else {
      own->second = std::move(change.second);
    }
  }
  Members out;
  for (const auto& [name, value] : members) out.add(name, value);
  return out.done();
}

}  // namespace ticketing::json
