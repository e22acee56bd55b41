// Stands in for torch.

namespace at {
class Tensor {
 public:
  ~Tensor();
};
Tensor::~Tensor() {}
}  // namespace at
