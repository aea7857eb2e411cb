#include "testing/memory_disk_file.hpp"

#include <algorithm>

namespace ticketing::testing {

namespace {

constexpr std::size_t kSectorBytes = 512;

void put(std::string& file, std::size_t at, std::string_view bytes) {
  if (file.size() < at + bytes.size()) file.resize(at + bytes.size());
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

void apply(std::string& file, const MemoryDisk::File::Change& change) {
  change.truncates ? file.resize(change.at) : put(file, change.at, change.bytes);
}

/// Its first part is written, the sector that was being written is garbage, the rest is as it was.
void tear(std::string& file, const MemoryDisk::File::Change& change, SeededRandom& random) {
  const std::size_t kept = random.below(change.bytes.size() + 1);
  const std::size_t sector_end = (change.at + kept) / kSectorBytes * kSectorBytes + kSectorBytes;
  const std::size_t end = std::min(sector_end - change.at, change.bytes.size());
  std::string torn = change.bytes.substr(0, kept);
  while (torn.size() < end) torn += static_cast<char>(random.below(256));
  put(file, change.at, torn);
}

}  // namespace

void MemoryDisk::File::write(std::size_t at, std::string_view bytes) {
  put(now, at, bytes);
  if (!is_left) unsynced.push_back({at, std::string{bytes}});
}

void MemoryDisk::File::truncate(std::size_t size) {
  now.resize(size);
  if (!is_left) unsynced.push_back({size, {}, true});
}

void MemoryDisk::File::sync() {
  if (is_left) return;
  for (const Change& change : unsynced) apply(synced, change);
  unsynced.clear();
  durable = true;
}

std::string MemoryDisk::File::after_power_loss(SeededRandom& random) const {
  enum Fate : std::uint8_t { kept, gone, torn };
  std::string bytes = synced;
  for (const Change& change : unsynced) {
    const auto fate = static_cast<Fate>(random.below(3));
    if (fate == kept) {
      apply(bytes, change);
    } else if (fate == torn && !change.truncates) {
      tear(bytes, change, random);
    }
  }
  return bytes;
}

}  // namespace ticketing::testing
