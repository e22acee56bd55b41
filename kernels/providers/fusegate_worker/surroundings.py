"""What a library may change of the process it runs in: put back after each case, and told."""

import os
import random
import signal
import sys
import threading

# A thread that goes on may write to any later case's tensors.
LEFT_THREADS = "threads that it started still run: %d"


def _environment():
    return dict(os.environ)


def _set_environment(before):
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)


def _handlers():
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _set_handlers(before):
    for number, handler in before.items():
        if handler is not None and signal.getsignal(number) is not handler:
            signal.signal(number, handler)


TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)


def _timers():
    """Which of them run; the time that is left differs from call to call."""
    return [signal.getitimer(timer) != (0.0, 0.0) for timer in TIMERS]


def _set_timers(before):
    for timer, runs in zip(TIMERS, before):
        if not runs:
            signal.setitimer(timer, 0)


def _umask():
    mask = os.umask(0o77)
    os.umask(mask)
    return mask


def _of_torch(torch):
    """(name, read, put back) of torch's settings, those that this torch has."""
    entries = [("torch's default dtype", torch.get_default_dtype, torch.set_default_dtype)]
    if hasattr(torch, "get_default_device"):
        entries.append(("torch's default device", lambda: str(torch.get_default_device()),
                        lambda device: torch.set_default_device(None if device == "cpu" else device)))
    if hasattr(torch, "is_grad_enabled"):
        entries.append(("torch's grad mode", torch.is_grad_enabled, torch.set_grad_enabled))
    if hasattr(torch, "get_num_threads"):
        entries.append(("torch's number of threads", torch.get_num_threads, torch.set_num_threads))
    if hasattr(torch, "get_rng_state"):
        entries.append(("torch's random state", lambda: _Bits(torch, torch.get_rng_state()),
                        lambda state: torch.set_rng_state(state.tensor)))
    cuda = getattr(torch, "cuda", None)
    if cuda is not None and cuda.is_available() and hasattr(cuda, "get_rng_state"):
        entries.append(("the device's random state", lambda: _Bits(torch, cuda.get_rng_state()),
                        lambda state: cuda.set_rng_state(state.tensor)))
    for name in ("cuda.matmul", "cudnn"):
        switches = _part_of(torch, "backends." + name)
        if hasattr(switches, "allow_tf32"):
            entries.append(("torch.backends.%s.allow_tf32" % name, lambda s=switches: s.allow_tf32,
                            lambda value, s=switches: setattr(s, "allow_tf32", value)))
    if hasattr(torch, "are_deterministic_algorithms_enabled"):
        entries.append(("torch's deterministic mode", torch.are_deterministic_algorithms_enabled,
                        torch.use_deterministic_algorithms))
    return entries


def _part_of(module, path):
    for name in path.split("."):
        module = getattr(module, name, None)
    return module


class _Bits:
    """A tensor that is equal where all of it is."""

    def __init__(self, torch, tensor):
        self.tensor = tensor
        self._equal = torch.equal

    def __eq__(self, other):
        return self._equal(self.tensor, other.tensor)


def _is(read, old):
    try:
        return read() == old
    except Exception:
        return False


class Surroundings:
    def __init__(self, torch):
        self._entries = [
            ("the working directory", os.getcwd, os.chdir),
            ("the environment", _environment, _set_environment),
            ("a signal handler", _handlers, _set_handlers),
            ("a timer", _timers, _set_timers),
            ("the umask", _umask, os.umask),
            ("sys.path", lambda: list(sys.path), lambda path: sys.path.__setitem__(slice(None), path)),
            ("Python's random state", random.getstate, random.setstate),
        ] + _of_torch(torch)

    def take(self):
        return [read() for _, read, _ in self._entries], threading.active_count()

    def restore(self, taken):
        """Puts back what differs; what that was, in words."""
        before, threads = taken
        told = []
        for (name, read, put_back), old in zip(self._entries, before):
            if _is(read, old):
                continue
            try:
                put_back(old)
                told.append("%s was changed, and put back" % name)
            except Exception as error:
                told.append("%s was changed, and cannot be put back: %s" % (name, str(error)[:200]))
        more = threading.active_count() - threads
        if more > 0:
            told.append(LEFT_THREADS % more)
        return told
