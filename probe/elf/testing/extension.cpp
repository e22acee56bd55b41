// A Python extension of a made-up library, as the loader and a reader see it: nothing here runs.
// GENERATION_TORCH, GENERATION_DEVELOP or neither; INIT names its init function.

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

extern "C" {
void* PyModule_Create2(void* definition, int version);
__attribute__((weak)) void optional_hook();
}

#ifdef GENERATION_TORCH
namespace at {
class Tensor {
 public:
  ~Tensor();
};
}  // namespace at
extern "C" void use_tensor(at::Tensor* tensor) {
  tensor->~Tensor();
}
#endif

#ifdef GENERATION_DEVELOP
struct toy_tensor_t {
  void* data;
};
void norm(toy_tensor_t&) {}
extern const char* const set_stream;
const char* const set_stream = "_set_toy_stream";
#endif

// The names of a function and of its arguments. Linkers keep one string of the last two.
extern const char* const names[];
const char* const names[] = {"norm", "input", "eps", "use_gemma_norm", "gemma_norm"};

extern "C" void* JOIN(PyInit_, INIT)() {
  if (optional_hook != nullptr) optional_hook();
  return PyModule_Create2(nullptr, 1013);
}
