#!/usr/bin/env python3
"""How fast `fusegate api` reads a library, and how much memory it takes, beside griffe and its promises.

  tools/bench/api.py CLONE --python PYTHON [--fusegate PROGRAM] [--package aiter]
                     [--before TAG] [--after TAG] [--runs 5]

CLONE is a git repository of the library; it is only read. PYTHON is the interpreter of an environment with
griffe: griffe runs in it and fusegate reads sources with it. --after is the release that is read whole,
--before what it is compared with; else the newest two that `fusegate api timeline` orders. The commands run one
after another, RUNS times around; cold is with an empty FUSEGATE_CACHE_DIR, after one round that is not counted
has brought the files into memory. Prints medians of the wall time and of the processors' time, shares of
griffe's wall time, and the largest resident set of any one process of a command. Nothing here fails: machines
are noisy, and a person reads it. Exits with 3, naming it, where something is missing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

MEMORY_PROMISE = 300  # MiB, of each command


class Missing(Exception):
    """What is needed and not there."""


class Command:
    """One that is measured. `cache` is its FUSEGATE_CACHE_DIR; None: a new, empty one each time."""

    def __init__(self, name, arguments, cache=None, folder=None, seconds=None, share=None, of=None):
        self.name, self.arguments, self.cache, self.folder = name, arguments, cache, folder
        self.seconds, self.share, self.of = seconds, share, of  # what is promised
        self.samples = []

    def run(self):
        with tempfile.TemporaryDirectory() as empty:
            environment = dict(os.environ, FUSEGATE_CACHE_DIR=self.cache or empty)
            begin = time.monotonic()
            process = subprocess.Popen(self.arguments, cwd=self.folder, env=environment,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.monotonic() - begin
        # 1: differences were found.
        if process.returncode not in (0, 1):
            raise SystemExit("%s: exit status %d" % (" ".join(self.arguments), process.returncode))
        return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024.0

    def median(self, column=0):
        return statistics.median(sample[column] for sample in self.samples)

    def memory(self):
        return max(memory for _, _, memory in self.samples)

    def promise(self):
        """The measured share and what it should be at most."""
        texts = []
        if self.share:
            texts.append("%.2f of %s (promised %g)"
                         % (self.median() / self.of.median(), self.of.name, self.share))
        if self.seconds:
            texts.append("%3.0f%% of the %g s promised" % (100 * self.median() / self.seconds, self.seconds))
        return ", ".join(texts)


def output_of(*arguments):
    try:
        done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except OSError as error:
        raise Missing("%s: %s" % (arguments[0], error.strerror)) from None
    # 1: the question was answered with no.
    return done.stdout.strip() if done.returncode in (0, 1) else None


def required(text, what):
    if not text:
        raise Missing(what)
    return text


def releases(program, clone, package):
    """The library's releases in their order."""
    document = output_of(program, "api", "timeline", "--repo", clone, "--library", package, "--json", "-",
                         "--", package)
    return json.loads(required(document, clone + " has no releases of " + package))["tags"]


def commands(options, clone, tree, cache):
    """`cache` is filled by the first round."""
    griffe = [options.python, "-m", "griffe"]
    api = [options.fusegate, "--python", options.python, "api"]
    library = ["--library", "%s=%s" % (options.package, tree)]
    timeline = api + ["timeline", "--repo", clone, "--library", options.package, "--json", "-"]
    show = api + ["show"] + library + ["--json", "-"]
    dump = Command("griffe dump", griffe + ["dump", options.package, "-s", "."], folder=tree)
    check = Command("griffe check", griffe + ["check", options.package, "-s", ".", "-a", options.before],
                    folder=tree)
    return [
        dump,
        Command("api show, cold", show, share=0.5, of=dump),
        Command("api show, cached", show, cache, seconds=0.2),
        check,
        Command("api diff, cold",
                api + ["diff", "--repo", clone, "--library", options.package, options.before, options.after,
                       "--json", "-"], share=0.4, of=check),
        Command("api identify, cold", api + ["identify"] + library, seconds=0.7),
        Command("api timeline, cold", timeline, seconds=12),
        Command("api timeline, cached", timeline, cache, seconds=1),
    ]


def measure(options):
    clone = os.path.abspath(options.clone)
    version = required(output_of(options.fusegate, "--version"), options.fusegate + " does not run")
    required(output_of("git", "-C", clone, "rev-parse", "--git-dir"), clone + " is no git repository")
    griffe = required(output_of(options.python, "-c", "import griffe, importlib.metadata as m; print("
                                "m.version('griffe'))"),
                      options.python + " has no griffe (pip install griffe)")
    tags = releases(options.fusegate, clone, options.package)
    options.after = options.after or tags[-1]
    options.before = options.before or tags[max(tags.index(options.after) - 1, 0)]
    for tag in (options.before, options.after):
        required(output_of("git", "-C", clone, "rev-parse", "--verify", "--quiet", tag + "^{commit}"),
                 "%s has no release %s" % (clone, tag))
    python = output_of(options.python, "-c", "import platform; print(platform.python_version())")
    print("%s; griffe %s; both with Python %s; %d cores, load %.1f\n%s %s and %s, %d releases; median of %d runs"
          % (version, griffe, python, os.cpu_count(), os.getloadavg()[0], options.package, options.before,
             options.after, len(tags), options.runs))
    with tempfile.TemporaryDirectory() as folder:
        # griffe checks trees out beside a clone: beside one of its own, which borrows the objects.
        tree = os.path.join(folder, "tree")
        required(output_of("git", "clone", "--quiet", "--shared", "--no-checkout", clone, tree) is not None,
                 clone + " cannot be cloned")
        required(output_of("git", "-C", tree, "checkout", "--quiet", options.after) is not None,
                 options.after + " cannot be checked out")
        measured = commands(options, clone, tree, os.path.join(folder, "cache"))
        for count in range(options.runs + 1):
            for command in measured:
                sample = command.run()
                if count > 0:
                    command.samples.append(sample)
    for command in measured:
        print("%-21s %7.3f s  (%7.3f s of processors)  %6.1f MiB  %s"
              % (command.name, command.median(), command.median(1), command.memory(), command.promise()))
    memory = max(command.memory() for command in measured if command.arguments[0] == options.fusegate)
    print("most memory of fusegate api: %.1f MiB, %.0f%% of the %d MiB promised"
          % (memory, 100 * memory / MEMORY_PROMISE, MEMORY_PROMISE))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("clone", nargs="?", default=os.environ.get("FUSEGATE_AITER_GIT"))
    parser.add_argument("--python", default=sys.executable, help="of an environment with griffe")
    parser.add_argument("--fusegate", default="build/bin/fusegate")
    parser.add_argument("--package", default="aiter")
    parser.add_argument("--before", metavar="TAG")
    parser.add_argument("--after", metavar="TAG")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    try:
        measure(options if options.clone else required(None, "name a clone, or set FUSEGATE_AITER_GIT"))
    except Missing as missing:
        print("nothing was measured: %s" % missing)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
