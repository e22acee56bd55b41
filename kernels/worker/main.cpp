#include "kernels/worker/worker_main.hpp"

int main(int argc, char** argv) {
  return fusegate::kernels::worker_main(argc, argv, fusegate::kernels::builtin_operations());
}
