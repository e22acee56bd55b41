"""A library that misbehaves in the case whose eps is 0.5, each function in its way, and is right all the same if it
comes back."""

import _ctypes
import ctypes
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

import norms
import torch


def _hostile(misbehave):
    def rms_norm(x, weight, eps):
        if eps == 0.5:
            answer = misbehave(x)
            if answer is not None:
                return answer
        else:
            print("as always")
        return norms.rms_norm({"x": x, "weight": weight, "eps": eps})
    return rms_norm


def _print(x):
    for _ in range(100):
        os.write(1, b"no answer\n" * 100000)
    print("no answer either")


def _fork(x):
    os.fork()


def _fork_and_write_late(x):
    if os.fork() == 0:
        time.sleep(0.2)
        try:
            x.assign([7.0] * x.numel())
        finally:
            os._exit(0)


def _close(x):
    os.closerange(0, 100)


def _close_streams(x):
    sys.stdout.close()
    os.close(1)


def _remove_directory(x):
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    os.rmdir(folder)


def _write_late(x):
    def write():
        while True:
            x.assign([7.0] * x.numel())
    threading.Thread(target=write, daemon=True).start()


def _crash(x):
    os.kill(os.getpid(), signal.SIGSEGV)


def _raise(x):
    raise ValueError("no such width\nand more of it")


def _handle_signals(x):
    signal.signal(signal.SIGUSR1, lambda *_: None)


def _draw(x):
    random.random()


def _read(x):
    sys.stdin.read()


def _fail_to_launch(x):
    torch._settings.pending = "CUDA error: invalid argument"
    raise RuntimeError("the launch failed")


def _load_module(x):
    path = os.path.join(tempfile.mkdtemp(), "built_norm.so")
    shutil.copy(_ctypes.__file__, path)
    ctypes.CDLL(path)
    time.sleep(0.03)


def _leave_thread(x):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


prints = _hostile(_print)
forks = _hostile(_fork)
forks_and_writes_late = _hostile(_fork_and_write_late)
closes_streams = _hostile(_close_streams)
removes_directory = _hostile(_remove_directory)
writes_late = _hostile(_write_late)
sets_a_timer = _hostile(lambda x: signal.setitimer(signal.ITIMER_REAL, 0.2) and None)
closes_descriptors = _hostile(_close)
changes_directory = _hostile(lambda x: os.chdir("/"))
changes_environment = _hostile(lambda x: os.environ.__setitem__("HOSTILE", "1"))
handles_signals = _hostile(_handle_signals)
changes_dtype = _hostile(lambda x: torch.set_default_dtype(torch.float16))
draws_random_numbers = _hostile(_draw)
draws_on_the_device = _hostile(lambda x: torch.cuda.set_rng_state([7]))
allows_tf32 = _hostile(lambda x: setattr(torch.backends.cuda.matmul, "allow_tf32", True))
loads_a_module = _hostile(_load_module)
fails_to_launch = _hostile(_fail_to_launch)
leaves_thread = _hostile(_leave_thread)
exits = _hostile(lambda x: sys.exit(3))
ends = _hostile(lambda x: os._exit(4))
crashes = _hostile(_crash)
hangs = _hostile(lambda x: time.sleep(600))
raises = _hostile(_raise)
runs_out_of_memory = _hostile(lambda x: bytearray(1 << 60))
returns_text = _hostile(lambda x: "done")
returns_another_shape = _hostile(lambda x: torch.empty((1, 1), dtype=x.dtype))
returns_another_type = _hostile(lambda x: torch.empty(x.shape, dtype=torch.float32))
reads_input = _hostile(_read)


def leaves_error(x, weight, eps):
    result = norms.rms_norm({"x": x, "weight": weight, "eps": eps})
    if eps == 0.5:
        torch._settings.pending = "CUDA error: invalid argument"
    return result
