#!/usr/bin/env python3
"""How fast the program answers, and how much memory it takes, against what it promises.

usage: tools/bench/program.py [FUSEGATE] [RUNS]

Prints, for each command, the median of RUNS wall times after a warm-up, the largest resident set of the
fusegate process itself (its workers are processes of their own), and both as shares of the promise.
Nothing here fails: machines are noisy, and a person reads it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

PROMISES = [
    # command, seconds, MiB
    (["--version"], 0.3, 100),
    (["doctor"], 2.0, 100),
    (["check", "--suite", "smoke", "--list"], None, 100),
    (["run", "--suite", "smoke", "--with", "builtin/simt", "--quiet", "--out"], 20.0, 100),
]


def measure(command):
    """Seconds and the process's own peak in MiB, from the kernel's accounting of just this child."""
    begin = time.monotonic()
    with open(os.devnull, "w") as nothing:
        process = subprocess.Popen(command, stdout=nothing, stderr=nothing)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    if status != 0:
        raise SystemExit("%s: exit status %d" % (" ".join(command), os.waitstatus_to_exitcode(status)))
    return seconds, usage.ru_maxrss / 1024.0


def share(value, promise):
    return "%5.0f%% of %g" % (100.0 * value / promise, promise) if promise else ""


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "build/bin/fusegate"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    cases = subprocess.run([program, "check", "--suite", "smoke", "--list"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.count("\n")
    print("%d cores, smoke suite of %d cases, median of %d runs" % (os.cpu_count(), cases, runs))
    for arguments, seconds_promise, memory_promise in PROMISES:
        with tempfile.TemporaryDirectory() as folder:
            command = [program] + arguments + ([folder] if arguments[-1] == "--out" else [])
            measure(command)
            samples = [measure(command) for _ in range(runs)]
        seconds = statistics.median(s for s, _ in samples)
        memory = max(m for _, m in samples)
        print("%-55s %7.3f s %-14s %6.1f MiB %s" % (
            "fusegate " + " ".join(arguments), seconds, share(seconds, seconds_promise), memory,
            share(memory, memory_promise)))


main()
