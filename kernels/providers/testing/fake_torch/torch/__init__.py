"""As much of torch as the worker and the tests' libraries use, in plain Python: tests need no torch. Tensors have one
or two dimensions. With FAKE_TORCH_GPU=1 there is a device, whose memory is another piece of this process's."""

import contextlib
import ctypes
import os
import struct
from types import SimpleNamespace

__version__ = "0.0.fake"


class dtype:
    def __init__(self, name, size):
        self.name = name
        self.itemsize = size

    def __repr__(self):
        return "torch." + self.name


uint8, float16, bfloat16, float32 = dtype("uint8", 1), dtype("float16", 2), dtype("bfloat16", 2), dtype("float32", 4)


def _rounded_to_bfloat16(value):
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    if value != value:
        return 0x7FC0
    return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16


def _fp32(value):
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _read(memory, at, kind):
    if kind is bfloat16:
        (bits,) = struct.unpack_from("<H", memory, at)
        return struct.unpack("<f", struct.pack("<I", bits << 16))[0]
    return struct.unpack_from({"float16": "<e", "float32": "<f", "uint8": "<B"}[kind.name], memory, at)[0]


def _write(memory, at, kind, value):
    if kind is bfloat16:
        struct.pack_into("<H", memory, at, _rounded_to_bfloat16(_fp32(value)))
        return
    code = {"float16": "<e", "float32": "<f", "uint8": "<B"}[kind.name]
    try:
        struct.pack_into(code, memory, at, value)
    except OverflowError:
        struct.pack_into(code, memory, at, float("inf") if value > 0 else float("-inf"))


class Tensor:
    def __init__(self, memory, kind, start, shape, strides, device):
        self._memory, self._start, self._strides = memory, start, strides
        self.dtype, self.shape, self.device = kind, tuple(shape), device

    def numel(self):
        count = 1
        for size in self.shape:
            count *= size
        return count

    def data_ptr(self):
        if not len(self._memory):
            return 0
        return ctypes.addressof(ctypes.c_char.from_buffer(self._memory)) + self._start

    def _places(self):
        size = self.dtype.itemsize
        if len(self.shape) == 1:
            return [self._start + i * self._strides[0] * size for i in range(self.shape[0])]
        return [self._start + (i * self._strides[0] + j * self._strides[1]) * size
                for i in range(self.shape[0]) for j in range(self.shape[1])]

    def values(self):
        return [_read(self._memory, at, self.dtype) for at in self._places()]

    def assign(self, values):
        for at, value in zip(self._places(), values):
            _write(self._memory, at, self.dtype, value)
        return self

    def copy_(self, other):
        if self.shape != other.shape:
            raise RuntimeError("shapes differ: %s and %s" % (self.shape, other.shape))
        if self.dtype is uint8:
            self._memory[self._start:self._start + self.numel()] = bytes(
                other._memory[other._start:other._start + other.numel()])
            return self
        return self.assign(other.values())

    def clone(self):
        return empty(self.shape, dtype=self.dtype, device=self.device).copy_(self)

    def new_empty(self, shape):
        return empty(shape, dtype=self.dtype, device=self.device)

    def view(self, kind):
        count = self.shape[0] * self.dtype.itemsize // kind.itemsize
        return Tensor(self._memory, kind, self._start, (count,), (1,), self.device)

    def as_strided(self, shape, strides):
        return Tensor(self._memory, self.dtype, self._start, shape, strides, self.device)

    def __getitem__(self, part):
        begin, end, _ = part.indices(self.shape[0])
        start = self._start + begin * self.dtype.itemsize
        return Tensor(self._memory, self.dtype, start, (end - begin,), (1,), self.device)


def frombuffer(buffer, dtype, count=-1, offset=0):
    return Tensor(buffer, dtype, offset, (count,), (1,), "cpu")


def empty(shape, dtype=None, device="cpu"):
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    kind = dtype or _settings.dtype
    count = 1
    for size in shape:
        count *= size
    strides = (1,) if len(shape) == 1 else (shape[-1], 1)
    return Tensor(bytearray(count * kind.itemsize), kind, 0, shape, strides, device)


def empty_like(tensor):
    return empty(tensor.shape, dtype=tensor.dtype, device=tensor.device)


def zeros(shape, dtype=None, device="cpu"):
    _launched()
    return empty(shape, dtype=dtype, device=device)


# pending: an error of the device that nobody was told of yet.
_settings = SimpleNamespace(dtype=float32, pending="", device_state=[1])


def equal(one, other):
    return one == other


def _set_device_state(state):
    _settings.device_state = state


def _launched():
    """A launch is told what one before it left; waiting for the device is not."""
    pending, _settings.pending = _settings.pending, ""
    if pending:
        raise RuntimeError(pending)


def get_default_dtype():
    return _settings.dtype


def set_default_dtype(kind):
    _settings.dtype = kind


@contextlib.contextmanager
def no_grad():
    yield


class _Event:
    def __init__(self, enable_timing=False):
        pass

    def record(self):
        pass

    def elapsed_time(self, other):
        return 0.001


cuda = SimpleNamespace(
    is_available=lambda: os.environ.get("FAKE_TORCH_GPU") == "1",
    synchronize=lambda: None,
    Event=_Event,
    get_rng_state=lambda: _settings.device_state,
    set_rng_state=_set_device_state,
    get_device_properties=lambda index: SimpleNamespace(
        name="a fake GPU", gcnArchName="gfx942:sramecc+", major=9, minor=4, total_memory=1 << 30,
        multi_processor_count=4, warp_size=64))

backends = SimpleNamespace(cuda=SimpleNamespace(matmul=SimpleNamespace(allow_tf32=False)),
                           cudnn=SimpleNamespace(allow_tf32=True))
