#!/usr/bin/env python3
"""What a case costs through a worker: how many small cases go through in a second, what of a case is not the
kernel's, and what a crash costs.

usage: tools/bench/worker.py FUSEGATE [--crash LINE] -- OPTIONS

OPTIONS choose the implementation, as fusegate check takes them: --with torch --python VENV/bin/python. Each
figure is a difference of two runs that differ in their number of cases, so that starting costs nothing. The
runs are taken in turn, three of each, and the median is printed with all three. LINE is a case that takes the
worker down. Nothing here fails: machines are noisy, and a person reads it.
"""

import statistics
import subprocess
import sys
import time

SMALL = "rms_norm dtype=bf16 tokens=3 hidden=256 eps=1e-06 seed=1..%d"
# Where an implementation lacks this one, all there is to it is making the inputs and one question to the worker.
UNSUPPORTED = "dual_rms_norm dtype=bf16 tokens=3 q_hidden=8 kv_hidden=8 q_eps=1e-06 kv_eps=1e-06 seed=1..%d"
ROUNDS = 3


def seconds(command):
    begin = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1, 3):  # 1: the crash; 3: nothing is supported
        raise SystemExit("%s: exit status %d\n%s" % (" ".join(command), done.returncode, done.stderr[-2000:]))
    return time.monotonic() - begin


def differences(check, more, fewer):
    """Of `more` and `fewer` cases, taken in turn."""
    return [seconds(check + more) - seconds(check + fewer) for _ in range(ROUNDS)]


def show(what, values, unit):
    print("%-58s %8.3f %s   (%s)" % (what, statistics.median(values), unit,
                                     ", ".join("%.3f" % value for value in values)), flush=True)


def main():
    words = sys.argv[1:]
    if "--" not in words or not words:
        raise SystemExit(__doc__)
    ours, options = words[:words.index("--")], words[words.index("--") + 1:]
    crash = ours[ours.index("--crash") + 1] if "--crash" in ours else None
    check = [ours[0], "check", "--quiet"] + options
    for repeat in ("1", "2"):
        taken = differences(check + ["--repeat", repeat], [SMALL % 1100], [SMALL % 100])
        show("small cases, %s of each: cases a second" % ("one run" if repeat == "1" else "two runs"),
             [1000 / value for value in taken], "/s")
    if subprocess.run(check + [UNSUPPORTED % 1], capture_output=True).returncode == 3:
        taken = differences(check, [UNSUPPORTED % 4100], [UNSUPPORTED % 100])
        show("a case that is not supported: inputs and one question", [value / 4 for value in taken], "ms")
    if crash:
        more = [SMALL % 60, crash, SMALL.replace("hidden=256", "hidden=512") % 60]
        fewer = [more[0], more[2]]
        show("a case that takes the worker down", differences(check, more, fewer), "s")


if __name__ == "__main__":
    main()
