// A module whose functions Python calls by ctypes. CTYPES_VERSION: of the generation that has one.

namespace toy {
int helper(int rows) {
  return rows + 1;
}
}  // namespace toy

extern "C" {
int toy_norm(int rows) {
  return toy::helper(rows);
}
int toy_add_norm(int rows) {
  return rows;
}
#ifdef CTYPES_VERSION
int toy_ctypes_abi_version() {
  return 2;
}
#endif
}
