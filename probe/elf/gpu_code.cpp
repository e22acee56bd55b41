#include "probe/elf/gpu_code.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "probe/elf/elf_file.hpp"

namespace fusegate::probe {
namespace {

constexpr std::string_view bundle_magic = "__CLANG_OFFLOAD_BUNDLE__";
constexpr std::string_view compressed_magic = "CCOB";
constexpr std::uint64_t bundle_alignment = 4096;
constexpr std::uint32_t fatbin_magic = 0xba55ed50;
constexpr std::uint64_t fatbin_alignment = 8;

// Far above what compilers leave: one section, a bundle for each source file, some ten targets.
constexpr std::size_t section_limit = 4;
constexpr std::size_t read_limit = 1u << 20;
constexpr std::size_t target_limit = 256;
constexpr std::uint64_t entry_limit = 256;
constexpr std::uint64_t name_limit = 256;

std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// Numbers are little-endian, as the machine is.
template <class Number>
Number number_at(std::string_view bytes, std::size_t offset) {
  Number number{};
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

/// Walks the containers of one section.
class Walk {
 public:
  Walk(const ElfFile& file, const ElfSection& section, GpuCode& code)
      : file_(file), section_(section), code_(code) {}

  void hip() {
    std::size_t found = 0;
    for (std::uint64_t at = 0; at < section_.size;) {
      const auto magic = piece(at, bundle_magic.size());
      std::uint64_t end = at + bundle_alignment;
      if (magic == bundle_magic) {
        end = bundle(at);
        ++found;
      } else if (magic.starts_with(compressed_magic)) {
        end = compressed(at);
        ++found;
      }
      if (end <= at) return remark("has a broken GPU code bundle");
      at = align_up(end, bundle_alignment);
    }
    if (found == 0) remark("has GPU code in a form that is not known");
  }

  void cuda() {
    for (std::uint64_t at = 0; at < section_.size;) {
      const auto header = piece(at, 16);
      if (header.size() < 16 || number_at<std::uint32_t>(header, 0) != fatbin_magic) {
        const auto gap = header.substr(0, fatbin_alignment);
        if (gap.find_first_not_of('\0') == gap.npos) {  // between two of them
          at += fatbin_alignment;
          continue;
        }
        return remark("has GPU code in a form that is not known");
      }
      const auto begin = at + number_at<std::uint16_t>(header, 6);
      const auto size = number_at<std::uint64_t>(header, 8);
      if (begin == at || begin > section_.size || size > section_.size - begin ||
          !images(begin, begin + size)) {
        return remark("has a broken GPU code container");
      }
      at = align_up(begin + size, fatbin_alignment);
    }
  }

  /// Says that some code's targets stay unknown, and why.
  void remark(const std::string& text) {
    code_.more = true;
    add_new(text, code_.remarks);
  }

 private:
  static void add_new(const std::string& text, std::vector<std::string>& texts) {
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }

  void add_target(const std::string& target) {
    if (code_.targets.size() >= target_limit) return remark("has GPU code for too many targets");
    add_new(target, code_.targets);
  }

  /// Up to `size` bytes; fewer at the section's end.
  std::string_view piece(std::uint64_t at, std::size_t size) {
    if (++reads_ > read_limit) throw UnreadableElf("has too much GPU code to look at all of it");
    file_.read(section_, at, size, buffer_);
    return buffer_;
  }

  /// A bundle's entries; returns where the last one's code ends, or 0.
  std::uint64_t bundle(std::uint64_t begin) {
    const auto head = piece(begin + bundle_magic.size(), 8);
    if (head.size() < 8) return 0;
    const auto count = number_at<std::uint64_t>(head, 0);
    if (count > entry_limit) return 0;
    const std::uint64_t left = section_.size - begin;
    std::uint64_t at = begin + bundle_magic.size() + 8;
    std::uint64_t end = at;
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto entry = std::string(piece(at, 24 + name_limit));
      if (entry.size() < 24) return 0;
      const auto offset = number_at<std::uint64_t>(entry, 0);
      const auto size = number_at<std::uint64_t>(entry, 8);
      const auto length = number_at<std::uint64_t>(entry, 16);
      if (length > name_limit || entry.size() < 24 + length) return 0;
      if (offset > left || size > left - offset) return 0;
      if (size > 0) add_bundle_entry(std::string_view(entry).substr(24, length));
      at += 24 + length;
      end = std::max({end, at, begin + offset + size});
    }
    return end;
  }

  /// KIND-TRIPLE-TARGET, where the triple is ARCH-VENDOR-OS-ENVIRONMENT and the target may hold
  /// hyphens itself: "hipv4-amdgcn-amd-amdhsa--gfx9-4-generic".
  void add_bundle_entry(std::string_view name) {
    if (name.starts_with("host")) return;
    constexpr std::string_view system = "-amdhsa-";
    const auto found = name.find(system);
    const auto begin = found == name.npos ? found : name.find('-', found + system.size());
    const auto target = begin == name.npos ? "" : name.substr(begin + 1);
    const bool plain = std::all_of(target.begin(), target.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '+' || c == ':';
    });
    if (target.empty() || !plain) return remark("has GPU code for a target that is not known");
    add_target(std::string(target));
  }

  /// {"CCOB", u16 version, u16 method, ...}; its whole size follows from version 2 on, with 32
  /// bits, from version 3 on with 64 (clang, OffloadBundler.h). Returns where it ends.
  std::uint64_t compressed(std::uint64_t begin) {
    const auto head = piece(begin, 16);
    const auto version = head.size() < 16 ? 0 : number_at<std::uint16_t>(head, 4);
    std::uint64_t size = 0;
    if (version == 2) size = number_at<std::uint32_t>(head, 8);
    if (version == 3) size = number_at<std::uint64_t>(head, 8);
    remark("has compressed GPU code (CCOB), whose targets are not read");
    return begin + std::clamp<std::uint64_t>(size, 1, section_.size - begin);
  }

  /// The images of a CUDA container from `at` to `end`; false where they do not fill it.
  bool images(std::uint64_t at, std::uint64_t end) {
    for (std::uint64_t i = 0; at < end; ++i) {
      const auto header = piece(at, 48);
      if (i == entry_limit || header.size() < 48) return false;
      const auto header_size = number_at<std::uint32_t>(header, 4);
      const auto size = number_at<std::uint64_t>(header, 8);
      if (header_size < 48 || header_size > end - at || size > end - at - header_size) return false;
      add_image(number_at<std::uint16_t>(header, 0), number_at<std::uint32_t>(header, 28),
                number_at<std::uint64_t>(header, 40));
      at += header_size + size;
    }
    return true;
  }

  void add_image(unsigned kind, std::uint32_t architecture, std::uint64_t flags) {
    constexpr std::uint64_t architecture_specific = 1u << 20;
    constexpr std::uint64_t family_specific = 1u << 21;
    if (kind != 1 && kind != 2) return;  // code for a linker to finish
    if (architecture < 10 || architecture > 9999) {
      return remark("has GPU code for a target that is not known");
    }
    const char* suffix = (flags & architecture_specific) != 0 ? "a"
                         : (flags & family_specific) != 0     ? "f"
                                                              : "";
    add_target(fmt::format("{}_{}{}", kind == 1 ? "compute" : "sm", architecture, suffix));
  }

  const ElfFile& file_;
  const ElfSection& section_;
  GpuCode& code_;
  std::string buffer_;
  std::size_t reads_ = 0;
};

}  // namespace

GpuCode read_gpu_code(const ElfFile& file) {
  GpuCode code;
  std::size_t left = section_limit;
  for (const auto& section : file.sections()) {
    const bool is_hip = section.name == ".hip_fatbin";
    if (section.type != SHT_PROGBITS || section.size == 0) continue;
    if (!is_hip && section.name != ".nv_fatbin") continue;
    if (left-- == 0) break;
    Walk walk(file, section, code);
    try {
      is_hip ? walk.hip() : walk.cuda();
    } catch (const UnreadableElf& error) {
      walk.remark(error.what());
    }
  }
  std::sort(code.targets.begin(), code.targets.end());
  return code;
}

}  // namespace fusegate::probe
