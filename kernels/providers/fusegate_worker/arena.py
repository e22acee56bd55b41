"""Tensors of a request as views of shared memory, or of a copy of it on a device."""

import mmap
import os

from .protocol import WorkerError, refuse

ELEMENT_BYTES = {"fp32": 4, "fp16": 2, "bf16": 2, "e4m3fn": 1, "e4m3fnuz": 1, "int8": 1}
TORCH_NAMES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16", "e4m3fn": "float8_e4m3fn",
               "e4m3fnuz": "float8_e4m3fnuz", "int8": "int8"}
NUMBERS = ("rows", "columns", "row_stride", "offset")


def require_tensor(tensor, arena_bytes):
    """Whether an entry of a request is of the protocol and lies in the arena."""
    if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
        refuse("a tensor without a name")
    name = tensor["name"][:80]
    if not isinstance(tensor.get("dtype"), str) or tensor["dtype"] not in ELEMENT_BYTES:
        refuse("tensor %s is of type %s; there are %s" % (name, tensor.get("dtype"), ", ".join(ELEMENT_BYTES)))
    for key in NUMBERS:
        if type(tensor.get(key)) is not int or tensor[key] < 0:
            refuse("tensor %s has no %s of 0 or more" % (name, key))
    size = ELEMENT_BYTES[tensor["dtype"]]
    if tensor["row_stride"] < tensor["columns"]:
        refuse("the rows of tensor %s overlap" % name)
    if tensor["offset"] % size:
        refuse("tensor %s starts within an element" % name)
    if tensor["offset"] + elements_of(tensor) * size > arena_bytes:
        refuse("tensor %s does not lie in the arena" % name)


def elements_of(tensor):
    """From its first element to its last, what lies between rows included."""
    if not tensor["rows"] or not tensor["columns"]:
        return 0
    return (tensor["rows"] - 1) * tensor["row_stride"] + tensor["columns"]


def require_norm_shapes(op, tensors):
    """Tensors of each norm fit together: all as x, a weight of one such row; two norms have the same rows."""
    for name in sorted(tensors):
        prefix, _, last = name.rpartition("x")
        if last or not (prefix == "" or prefix.endswith("_")):
            continue
        x = tensors[name]
        if x["columns"] < 1:
            refuse("tensor %s has rows of no elements" % name)
        for other in (prefix + part for part in ("weight", "out", "norm_out", "residual", "residual_out")):
            if other in tensors:
                rows = 1 if other.endswith("weight") else x["rows"]
                if (tensors[other]["rows"], tensors[other]["columns"]) != (rows, x["columns"]):
                    refuse("tensor %s has %d rows of %d elements; %d of %d fit the others" % (
                        other, tensors[other]["rows"], tensors[other]["columns"], rows, x["columns"]))
        first = tensors[sorted(t for t in tensors if t.endswith("x"))[0]]
        if x["rows"] != first["rows"]:
            refuse("the norms of %s have %d and %d rows" % (op, first["rows"], x["rows"]))


class Arena:
    """Shared memory behind a descriptor, which grows."""

    def __init__(self, torch, descriptor, device):
        self._torch = torch
        self._descriptor = descriptor
        self._device = device
        self._memory = None
        self._copy = None  # on the device

    def reserve(self, size):
        if not isinstance(size, int) or size < 0 or size > os.fstat(self._descriptor).st_size:
            refuse("the arena is smaller than %s bytes" % size)
        if size and (self._memory is None or len(self._memory) < size):
            self._memory = mmap.mmap(self._descriptor, os.fstat(self._descriptor).st_size)
            # A child that a library leaves behind must not write there.
            self._memory.madvise(mmap.MADV_DONTFORK)

    def tensors(self, request, base=None):
        """Views by name: one-dimensional for weights. `base`: bytes that stand for the arena's."""
        return {tensor["name"]: self._view(tensor, base) for tensor in request["tensors"]}

    def _view(self, tensor, base):
        dtype = getattr(self._torch, TORCH_NAMES[tensor["dtype"]], None)
        if dtype is None:
            raise WorkerError("unsupported", "torch %s has no %s" % (
                self._torch.__version__, TORCH_NAMES[tensor["dtype"]]))
        count = elements_of(tensor)
        if not count:
            device = "cpu" if base is None else base.device
            view = self._torch.empty((tensor["rows"], tensor["columns"]), dtype=dtype, device=device)
        elif base is None:
            view = self._torch.frombuffer(self._memory, dtype=dtype, count=count, offset=tensor["offset"])
        else:
            size = count * ELEMENT_BYTES[tensor["dtype"]]
            view = base[tensor["offset"]:tensor["offset"] + size].view(dtype)
        if tensor["name"].endswith("weight") or not count:
            return view
        return view.as_strided((tensor["rows"], tensor["columns"]), (tensor["row_stride"], 1))

    def copied(self, size):
        """The first bytes, on the device."""
        if self._copy is None or self._copy.numel() < size:
            self._copy = self._torch.empty(max(size, 1), dtype=self._torch.uint8, device=self._device)
        copy = self._copy[:size]
        if size:
            copy.copy_(self._bytes(size))
        return copy

    def copy_back(self, copy):
        if copy.numel():
            self._bytes(copy.numel()).copy_(copy)

    def _bytes(self, size):
        return self._torch.frombuffer(self._memory, dtype=self._torch.uint8, count=size)
