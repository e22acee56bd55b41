#include "probe/elf/symbols.hpp"

#include <elf.h>
#include <gelf.h>

#include <fmt/format.h>

#include "probe/elf/elf_file.hpp"
#include "probe/elf/symbol_versions.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t symbol_limit = 2'000'000;
constexpr std::size_t name_bytes_limit = 256u << 20;
constexpr unsigned hidden_version = 0x8000;  // LSB Core, "Symbol Version Table"

ElfSymbolKind kind_of(unsigned char info) {
  switch (GELF_ST_TYPE(info)) {
    case STT_FUNC:
    case STT_GNU_IFUNC:
      return ElfSymbolKind::function;
    case STT_OBJECT:
    case STT_COMMON:
    case STT_TLS:
      return ElfSymbolKind::object;
    default:
      return ElfSymbolKind::other;
  }
}

bool is_local(const GElf_Sym& symbol) {
  return GELF_ST_BIND(symbol.st_info) == STB_LOCAL;
}

bool is_visible(const GElf_Sym& symbol) {
  const auto visibility = GELF_ST_VISIBILITY(symbol.st_other);
  return visibility == STV_DEFAULT || visibility == STV_PROTECTED;
}

/// Reads one table of symbols.
class SymbolReader {
 public:
  SymbolReader(const ElfFile& file, const ElfSection& section, const NameFilter& wanted)
      : wanted_(wanted), symbols_data_(file.data(section)), versions_(read_versions(file)) {
    const auto* strings = file.strings_of(section);
    if (strings == nullptr) throw UnreadableElf("has symbols without a table of names");
    names_ = file.bytes(*strings);
    const auto* numbers = file.find(SHT_GNU_versym);
    if (numbers != nullptr) numbers_ = file.data(*numbers);
  }

  DynamicSymbols run() {
    const auto count = static_cast<int>(symbols_data_->d_size / sizeof(Elf64_Sym));
    for (int i = 1; i < count; ++i) {  // the first is none
      GElf_Sym symbol;
      if (::gelf_getsym(symbols_data_, i, &symbol) == nullptr) {
        throw UnreadableElf("has a broken table of symbols");
      }
      if (!is_local(symbol)) add(i, symbol);
    }
    return std::move(result_);
  }

 private:
  void add(int index, const GElf_Sym& symbol) {
    const auto name = string_at(names_, symbol.st_name);
    count_bytes(name ? name->size() : string_size_limit);
    if (!name || name->empty()) {
      ++result_.left_out;
    } else if (!wanted_ || wanted_(*name)) {
      const auto& version = version_of(index);
      count_bytes(version.name.size() + version.library.size());
      store(std::string(*name), version, symbol);
    }
  }

  /// Names that overlap can come to far more than the table that they are in.
  void count_bytes(std::size_t bytes) {
    name_bytes_ += bytes;
    if (name_bytes_ > name_bytes_limit) {
      throw UnreadableElf(
          fmt::format("has more than {} MiB of symbol names", name_bytes_limit >> 20));
    }
  }

  const SymbolVersion& version_of(int index) const {
    static const SymbolVersion none;
    GElf_Versym number = 0;
    if (numbers_ == nullptr || ::gelf_getversym(numbers_, index, &number) == nullptr) return none;
    const auto it = versions_.find(number & ~hidden_version);
    return it == versions_.end() ? none : it->second;
  }

  void store(std::string name, const SymbolVersion& version, const GElf_Sym& symbol) {
    if (symbol.st_shndx == SHN_UNDEF) {
      const bool weak = GELF_ST_BIND(symbol.st_info) == STB_WEAK;
      result_.undefined.push_back({std::move(name), version.name, version.library, weak});
      return;
    }
    // Linkers leave an absolute symbol that is called as each version.
    const bool is_version = symbol.st_shndx == SHN_ABS && name == version.name;
    if (!is_visible(symbol) || is_version) return;
    result_.exported.push_back({std::move(name), version.name, kind_of(symbol.st_info)});
  }

  const NameFilter& wanted_;
  Elf_Data* symbols_data_;
  Elf_Data* numbers_ = nullptr;
  std::string_view names_;
  std::map<unsigned, SymbolVersion> versions_;
  std::size_t name_bytes_ = 0;
  DynamicSymbols result_;
};

}  // namespace

DynamicSymbols read_symbols(const ElfFile& file, const NameFilter& wanted) {
  const auto* section = file.find(SHT_DYNSYM);
  if (section == nullptr) return {};
  if (section->size > symbol_limit * sizeof(Elf64_Sym)) {
    throw UnreadableElf(fmt::format("has more than {} dynamic symbols", symbol_limit));
  }
  return SymbolReader(file, *section, wanted).run();
}

}  // namespace fusegate::probe
