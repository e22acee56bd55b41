"""Triton's interpreter, for kernels on a machine without a GPU. What a library asks the driver while it is imported, a
stand-in answers: one MI300X, as far as the answers go. What comes of it says something of the library's Python and of
its kernels' arithmetic; nothing of speed, and roundings are the interpreter's."""

import os
from types import SimpleNamespace

from .protocol import WorkerError


def prepare_environment():
    """Before torch or Triton is imported."""
    os.environ["TRITON_INTERPRET"] = "1"


class _Driver:
    """What Triton's users ask of a driver; another question raises AttributeError."""

    def __init__(self, torch, target):
        self._torch = torch
        self._target = target

    def get_current_target(self):
        return self._target

    def get_current_device(self):
        return 0

    def get_current_stream(self, device=0):
        return 0

    def get_active_torch_device(self):
        return self._torch.device("cpu")


def install(torch, architecture):
    """Answers for a GPU that is not there. Throws WorkerError where there is no Triton."""
    try:
        import triton
        from triton.backends.compiler import GPUTarget
    except ImportError as error:
        raise WorkerError("no_device", "Triton's interpreter is not there: %s; pip install triton" % error)
    warp = 64 if architecture.startswith("gfx9") else 32
    triton.runtime.driver.set_active(_Driver(torch, GPUTarget("hip", architecture, warp)))
    properties = SimpleNamespace(multi_processor_count=4, gcnArchName=architecture, major=9, minor=4,
                                 name=architecture, total_memory=0)
    torch.cuda.current_device = lambda: 0
    torch.cuda.get_device_properties = lambda *_, **__: properties
    return triton.__version__


def bf16_arithmetic():
    """What the interpreter itself makes of bf16, measured: {"sums": "right" or "wrong", "stores": "nearest" or
    "toward_zero"}; {} where it cannot be asked. Triton 3.9's adds the bits of bf16 values as integers
    (InterpreterBuilder.binary_op on arrays of uint16) and cuts off what does not fit (_convert_float)."""
    try:
        import numpy
        import triton.language as tl
        from triton.runtime.interpreter import TensorHandle, interpreter_builder
        one = TensorHandle(numpy.array([0x3F80], dtype=numpy.uint16), tl.bfloat16)
        above = TensorHandle(numpy.array([0x3F80C000], dtype=numpy.uint32).view(numpy.float32), tl.float32)
        total = int(interpreter_builder.create_fadd(one, one).data[0])
        stored = int(interpreter_builder.create_fp_trunc(above, tl.bfloat16).data.view(numpy.uint16)[0])
    except Exception:
        return {}
    return {"sums": "right" if total == 0x4000 else "wrong",
            "stores": "toward_zero" if stored == 0x3F80 else "nearest"}
