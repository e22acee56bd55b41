#include "probe/device/pci_address.hpp"

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

TEST(PciAddress, IsWrittenAsSysfsDoes) {
  EXPECT_EQ(pci_address_text(0, 5, 0, 0), "0000:05:00.0");
  EXPECT_EQ(pci_address_text(0x10000, 0xc1, 0x1f, 7), "10000:c1:1f.7");
}

TEST(PciAddress, IsReadFromOtherForms) {
  EXPECT_EQ(canonical_pci_address("00000000:C1:00.0"), "0000:c1:00.0");
  EXPECT_EQ(canonical_pci_address("0000:05:00.0"), "0000:05:00.0");
  EXPECT_EQ(canonical_pci_address("nonsense"), "nonsense");
  EXPECT_EQ(canonical_pci_address("0000:05:00.0x"), "0000:05:00.0x");
}

TEST(PciAddress, DecodesTheIdentifierOfTheSmiLibraries) {
  const auto plain = decode_bdf_id(0x0001'0000'2601ull);
  EXPECT_EQ(plain.pci, "0001:26:00.1");
  EXPECT_EQ(plain.partition, 0u);
  const auto share = decode_bdf_id(0x3000'0500ull);
  EXPECT_EQ(share.pci, "0000:05:00.0");
  EXPECT_EQ(share.partition, 3u);
}

}  // namespace
}  // namespace fusegate::probe
