"""How a case of an op becomes a call of a library's function, as the library's contract has it."""

import importlib
import os

from .protocol import WorkerError, refuse


DTYPE = ".dtype"


class EntryPoint:
    """One function: {op, module, symbol, generation, arguments {parameter: what}, returns [output], dtypes, compile}.

    What a parameter gets is a tensor or a scalar of the op by its name, "x -> out": the tensor out, which holds x
    before the call, or "out.dtype": a tensor's type. `returns` names the outputs that the function returns; it writes
    the others itself. Those of them that are `optional` are dropped where a case does not have them.
    """

    def __init__(self, entry):
        self.op = entry["op"]
        self.name = entry["module"] + "." + entry["symbol"]
        self.entry = entry
        self._function = None

    def function(self):
        if self._function is None:
            found = importlib.import_module(self.entry["module"])
            for part in self.entry["symbol"].split("."):
                found = getattr(found, part)
            if self.entry.get("compile"):
                import torch
                # At the limit it would go on uncompiled, and say so in a log only.
                limits = torch._dynamo.config
                for name in ("recompile_limit", "cache_size_limit", "accumulated_recompile_limit",
                             "accumulated_cache_size_limit"):  # before torch 2.7 with "cache"
                    if hasattr(limits, name):
                        setattr(limits, name, 4096)
                for name in ("fail_on_recompile_limit_hit", "fail_on_cache_limit_hit"):
                    if hasattr(limits, name):
                        setattr(limits, name, True)
                found = torch.compile(found)
            self._function = found
        return self._function

    def described(self):
        """As `list` tells it."""
        dtypes = self.entry.get("dtypes") or ["any"]
        return {"op": self.op, "dtypes": [d for d in ("fp32", "fp16", "bf16") if "any" in dtypes or d in dtypes],
                "entry": self.name, "generation": self.entry.get("generation", "")}

    def call(self, tensors, scalars, around):
        """`around` is a context manager for the call alone."""
        given = {**scalars, **tensors}
        self._require(given)
        arguments = {}
        for parameter, what in self.entry["arguments"].items():
            before, _, after = what.partition(" -> ")
            if after:
                if tensors[after].data_ptr() != tensors[before].data_ptr():
                    tensors[after].copy_(tensors[before])
                arguments[parameter] = tensors[after]
            elif what.endswith(DTYPE):
                arguments[parameter] = tensors[what[:-len(DTYPE)]].dtype
            else:
                arguments[parameter] = given[what]
        function = self.function()
        with around:
            result = function(**arguments)
        names = self.entry.get("returns") or []
        values = result if isinstance(result, (tuple, list)) else (result,)
        if names and len(values) < len(names):
            raise WorkerError("kernel_fault", "%s returned %d values, not %s" % (
                self.name, len(values), ", ".join(names)))
        for name, value in zip(names, values):
            if name in tensors or name not in self.entry.get("optional", ()):
                self._deliver(name, value, tensors[name])

    def _require(self, given):
        """Whether the request has all that the call needs."""
        for what in list(self.entry["arguments"].values()) + (self.entry.get("returns") or []):
            for name in what.split(DTYPE)[0].split(" -> "):
                if name not in given and name not in self.entry.get("optional", ()):
                    refuse("%s without %s" % (self.op, name))

    def _deliver(self, name, value, target):
        if value is None or not hasattr(value, "shape"):
            raise WorkerError("kernel_fault", "%s returned no tensor for %s, but %s" % (
                self.name, name, type(value).__name__))
        if tuple(value.shape) != tuple(target.shape) or value.dtype != target.dtype:
            raise WorkerError("kernel_fault", "%s returned %s of %s for %s, not %s of %s" % (
                self.name, tuple(value.shape), value.dtype, name, tuple(target.shape), target.dtype))
        if value.data_ptr() != target.data_ptr():
            target.copy_(value)


def require_from(package, root):
    """A package of that name that lies elsewhere is another one."""
    module = importlib.import_module(package)
    file = getattr(module, "__file__", None) or ""
    if root and not os.path.realpath(file).startswith(os.path.realpath(root) + os.sep):
        raise WorkerError("runtime", "%s was imported from %s, not from %s" % (package, file, root))
    return module
