"""A worker that stands between fusegate and a real one, and misbehaves once it is asked to run a case.

usage: faulty_worker.py FAULT WIDTH WORKER [ARGUMENT...]

Every request goes to WORKER and every answer back, until a `run` whose first tensor has WIDTH columns:
then FAULT happens instead of an answer (`none`: it never does). So a run with it shows what one bad case costs, and that all
others are as with WORKER alone. It also shows that a worker can be written in any language.
"""

import json
import os
import signal
import subprocess
import sys
import time


def misbehave(fault):
    if fault == "sigsegv":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "sigkill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault == "abort":
        sys.stderr.write("amdgpu: page fault at 0xdeadbeef\n")
        sys.stderr.flush()
        os.abort()
    elif fault == "exit":
        os._exit(0)
    elif fault == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(3600)
    elif fault == "garbage":
        print("loading kernels \x01\x02 ... done", flush=True)
    elif fault == "long_line":
        chunk = "x" * (1 << 20)
        for _ in range(100):
            sys.stdout.write(chunk)
        print(flush=True)
    elif fault == "wrong_id":
        print(json.dumps({"id": -1, "result": {}}), flush=True)
    else:
        raise SystemExit("faulty_worker.py: unknown fault " + fault)


def method_of(line):
    try:
        return json.loads(line).get("method")
    except ValueError:
        return None


def is_run_of(line, width):
    return method_of(line) == "run" and json.loads(line)["params"]["tensors"][0]["columns"] == width


def main():
    fault, width, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    arena = int(os.environ["FUSEGATE_ARENA_FD"])
    worker = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[arena], text=True)
    for line in sys.stdin:
        if fault != "none" and is_run_of(line, width):
            misbehave(fault)
            continue
        worker.stdin.write(line)
        worker.stdin.flush()
        sys.stdout.write(worker.stdout.readline())
        sys.stdout.flush()
        if method_of(line) == "shutdown":
            break


main()
