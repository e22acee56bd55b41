"""What a worker offers behind the protocol: a library's functions, or compositions of PyTorch's."""

import contextlib
import os
import platform
import sys
import time
import traceback

from . import interpreter
from .arena import Arena, require_norm_shapes, require_tensor
from .calls import EntryPoint, require_from
from .protocol import WorkerError, kept_descriptor, refuse
from .surroundings import LEFT_THREADS, Surroundings

# What torch says of an error that leaves the device's context unusable.
DEVICE_ERRORS = ("misaligned address", "illegal memory access", "illegal instruction", "device-side assert",
                 "unspecified launch failure", "illegal address", "hardware exception", "memory access fault")


# Seconds; without a file to load a call takes less.
LEAST_LOADING = 0.02
MOST_MODULES = 50


def mapped_modules():
    """The shared libraries that this process has mapped."""
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split(None, 5)[5].strip() for line in maps if "/" in line}
    except OSError:
        return set()
    return {path for path in paths if ".so" in os.path.basename(path)}


def _import_torch():
    try:
        import torch
    except Exception as error:
        raise WorkerError("no_device", "torch cannot be imported by %s: %s" % (sys.executable, _text(error)))
    return torch


def _text(error):
    lines = str(error).strip().splitlines()
    return "%s: %s" % (type(error).__name__, lines[0] if lines else "")


def _place(error):
    """file:line of the library's innermost frame, as far as one is not ours."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "fusegate_worker" not in f.filename]
    return " (%s:%d)" % (frames[-1].filename, frames[-1].lineno) if frames else ""


@contextlib.contextmanager
def _between(begin, end):
    begin.record()
    yield
    end.record()


class Provider:
    """`config`: {package, root, environment {}, interpret, composition, entries [], lacking {op: why}}."""

    def __init__(self, channel, config):
        self._channel = channel
        self._config = config
        self._memory = kept_descriptor(int(os.environ["FUSEGATE_ARENA_FD"]))
        self._is_ready = False
        self._prepared = set()
        self._seconds = {}

    # ---- Starting ----

    def _start(self):
        """Imports what is needed; before the first answer that depends on it."""
        if self._is_ready:
            return
        config = self._config
        os.environ.update(config.get("environment", {}))
        if config.get("cache"):
            sys.pycache_prefix = os.path.join(config["cache"], "pycache")
        if config.get("interpret"):
            interpreter.prepare_environment()
        begin = time.monotonic()
        self._torch = torch = _import_torch()
        self._seconds["torch"] = time.monotonic() - begin
        self._versions = {"python": platform.python_version(), "torch": torch.__version__}
        if config.get("interpret"):
            self._versions["triton"] = interpreter.install(torch, config.get("architecture", "gfx942"))
        self._device = self._choose_device()
        self._import_library()
        self._arena = Arena(torch, self._memory, self._device)
        self._surroundings = Surroundings(torch)
        entries = config.get("entries", [])
        if config.get("composition"):
            from . import compositions
            entries = compositions.entries(config["composition"] == "compiled")
        self._entries = {entry["op"]: EntryPoint(entry) for entry in entries}
        self._modules = mapped_modules()
        self._is_ready = True

    def _choose_device(self):
        if self._config.get("interpret"):
            return "cpu"
        if self._torch.cuda.is_available():
            return "cuda"
        if self._config.get("on_cpu"):
            return "cpu"
        raise WorkerError("no_device", "torch sees no GPU; --interpret runs Triton kernels without one")

    def _import_library(self):
        package = self._config.get("package")
        if not package:
            return
        root = self._config.get("root")
        if root and root not in sys.path:
            sys.path.insert(0, root)
        begin = time.monotonic()
        try:
            module = require_from(package, self._config.get("root"))
        except WorkerError:
            raise
        except BaseException as error:
            self._channel.leave_if_forked()
            raise WorkerError("no_device", "%s cannot be imported: %s%s" % (package, _text(error), _place(error)))
        self._channel.leave_if_forked()
        self._channel.restore_streams()
        self._seconds[package] = time.monotonic() - begin
        version = getattr(module, "__version__", None)
        self._versions[package] = version if isinstance(version, str) else self._config.get("version") or ""

    # ---- Methods ----

    def methods(self):
        return {"hello": self.hello, "describe": self.describe, "list": self.list, "run": self.run,
                "prepare": self.prepare}

    def hello(self, params):
        if params.get("protocol") != 1:
            refuse("this worker speaks protocol 1")
        return {"protocol": 1, "worker": "fusegate_worker", "version": self._config.get("tool_version", ""),
                "commit": ""}

    def describe(self, params):
        self._start()
        interpreted = bool(self._config.get("interpret"))
        return {"runtime": self._runtime(), "device": self._described_device(), "versions": self._versions,
                "bf16": interpreter.bf16_arithmetic() if interpreted else {},
                "import_seconds": {name: round(seconds, 3) for name, seconds in self._seconds.items()},
                "prepares": self._prepares(), "interpreted": interpreted}

    def _runtime(self):
        if self._config.get("interpret"):
            return "python, Triton's interpreter"
        return "python"

    def _prepares(self):
        return self._device != "cpu" or self._config.get("composition") == "compiled"

    def _described_device(self):
        if self._device == "cpu":
            return {"name": "CPU", "architecture": platform.machine(), "memory_bytes": None}
        properties = self._torch.cuda.get_device_properties(0)
        architecture = getattr(properties, "gcnArchName", "").split(":")[0]
        return {"name": properties.name,
                "architecture": architecture or "sm_%d%d" % (properties.major, properties.minor),
                "memory_bytes": properties.total_memory,
                "multiprocessors": properties.multi_processor_count,
                "warp_size": getattr(properties, "warp_size", 32)}

    def list(self, params):
        self._start()
        return {"operations": [entry.described() for entry in self._entries.values()]}

    def _checked(self, params):
        """The request's tensors by name; throws what is wrong with them."""
        op = params.get("op")
        if not isinstance(op, str) or not isinstance(params.get("tensors"), list):
            refuse("a run without an op or tensors")
        if not isinstance(params.get("parameters"), dict):
            refuse("a run without parameters")
        if op not in self._entries:
            raise WorkerError("unsupported", self._config.get("lacking", {}).get(op) or "%s has no entry point for %s" % (
                self._config.get("name", "this worker"), op[:80]))
        self._arena.reserve(params.get("arena_bytes"))
        for tensor in params["tensors"]:
            require_tensor(tensor, params["arena_bytes"])
        tensors = {tensor["name"]: tensor for tensor in params["tensors"]}
        if not any(name.endswith("x") for name in tensors):
            refuse("%s without a tensor x" % op)
        require_norm_shapes(op, tensors)
        return op, tensors

    def prepare(self, params):
        """Has compiled what a run would compile, on memory of its own."""
        self._start()
        op, tensors = self._checked(params)
        key = (op,) + tuple((t["name"], t["dtype"], t["rows"], t["columns"], t["row_stride"], t["offset"] % 256)
                            for t in params["tensors"])
        if key in self._prepared:
            return {"seconds": 0.0}
        begin = time.monotonic()
        told, _ = self._guarded(lambda: self._call(op, self._scratch(params), params))
        self._prepared.add(key)
        seconds = time.monotonic() - begin
        return self._with_side_effects({"seconds": seconds, "modules": self._loaded_modules(seconds)}, told)

    def _loaded_modules(self, seconds):
        """Files of machine code that came into the process: what was built, or found built, and where it lies. Looked
        for where the time is enough to have loaded any."""
        if seconds < LEAST_LOADING:
            return []
        before, self._modules = self._modules, mapped_modules()
        return sorted(self._modules - before)[:MOST_MODULES]

    def run(self, params):
        self._start()
        op, tensors = self._checked(params)
        told, microseconds = self._guarded(lambda: self._run(op, params))
        return self._with_side_effects({"launches": [], "device_us": microseconds}, told)

    def _with_side_effects(self, result, told):
        """With threads of a library left behind, no later case is safe in this process. torch's own, of compiling, are
        known to write to no tensor."""
        if told:
            result["side_effects"] = told
            is_foreign = not self._config.get("composition")
            result["ends"] = is_foreign and any(text.startswith(LEFT_THREADS[:12]) for text in told)
        return result

    # ---- Running ----

    def _scratch(self, params):
        size = params["arena_bytes"]
        if self._device == "cpu":
            base = self._arena._bytes(size).clone() if size else None
        else:
            base = self._arena.copied(size)
        return self._arena.tensors(params, base)

    def _run(self, op, params):
        if self._device == "cpu":
            self._call(op, self._arena.tensors(params), params)
            return None
        copy = self._arena.copied(params["arena_bytes"])
        tensors = self._arena.tensors(params, copy)
        begin, end = (self._torch.cuda.Event(enable_timing=True) for _ in range(2))
        self._call(op, tensors, params, _between(begin, end))
        self._arena.copy_back(copy)
        return begin.elapsed_time(end) * 1000

    def _call(self, op, tensors, params, around=contextlib.nullcontext()):
        self._entries[op].call(tensors, params["parameters"], around)
        if self._device == "cpu":
            return
        self._torch.cuda.synchronize()
        left = self._leftover()
        if left:
            raise WorkerError("runtime", "%s returned, and left an error behind that torch's next call is told: %s" % (
                self._entries[op].name, left))

    def _guarded(self, work):
        """What the work returns, with what it changed around it; its exceptions as the protocol has them."""
        taken = self._surroundings.take()
        try:
            with self._torch.no_grad():
                value = work()
        except WorkerError:
            raise
        except BaseException as error:
            self._channel.leave_if_forked()
            raise self._as_answer(error)
        finally:
            self._channel.leave_if_forked()
            self._channel.restore_streams()
            told = self._surroundings.restore(taken)
        return told, value

    def _leftover(self):
        """What a failed launch left in the device's runtime, which the next one is told: nothing, or words. Throws
        where the device does not get well."""
        told = ""
        for _ in range(3):
            try:
                self._torch.zeros(1, device=self._device)
                self._torch.cuda.synchronize()
                return told
            except Exception as error:
                told = _text(error)
        raise WorkerError("runtime", "the device is not well: " + told, fatal=True)

    def _as_answer(self, error):
        text = _text(error) + _place(error)
        if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
            return WorkerError("out_of_memory", text)
        if any(sign in str(error).lower() for sign in DEVICE_ERRORS):
            return WorkerError("runtime", text, fatal=True)
        if self._device != "cpu":
            left = self._leftover()
            text += "; it left behind: " + left if left else ""
        return WorkerError("runtime", text)
