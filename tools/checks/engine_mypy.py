#!/usr/bin/env python3
"""Holds what `fusegate contract check` finds of an engine against what mypy finds, on a tracked library.

  tools/checks/engine_mypy.py ENGINE LIBRARY [ENGINE LIBRARY ...] --mypy MYPY [--python PYTHON] [--fusegate PROGRAM]

ENGINE is [NAME=]PATH of an engine's sources, LIBRARY a folder of AITER's. MYPY is the program, PYTHON an
environment with torch, which mypy follows imports into. Of mypy's findings those count that say that a module
of the library has no such name (attr-defined), or that a call of one of its functions does not fit (call-arg).
A finding is found where a use in the same line breaks, or would under another profile. Prints counts for each
pair and what is left unexplained; exits with 1 if anything is.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FINDING = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: (?P<text>.*?)  \[(?P<code>attr-defined|call-arg)\]$")
PACKAGE = "aiter"


def contract(arguments, engine, library):
    command = [arguments.fusegate, "contract", "check", "--engine", engine, "--library", PACKAGE + "=" + library,
               "--assume", "gfx942", "--assume", "SGLANG_USE_AITER=1", "--assume", "VLLM_ROCM_USE_AITER=1", "--quiet",
               "--json", "-"]
    start = time.monotonic()
    run = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if run.returncode not in (0, 1):
        raise SystemExit("contract check ended with %d" % run.returncode)
    return json.loads(run.stdout), time.monotonic() - start


def listed_uses(arguments, engine):
    """Every use by file and line, whatever comes of it."""
    command = [arguments.fusegate, "contract", "list", "--engine", engine, "--library", PACKAGE, "--quiet", "--json", "-"]
    places = {}
    for use in json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout):
        file, line = use["where"].rsplit(":", 1)
        places.setdefault((file, int(line)), []).append(use)
    return places


def mypy(arguments, root, files, library):
    command = [arguments.mypy, "--ignore-missing-imports", "--follow-imports=silent", "--no-incremental", "--show-error-codes",
               "--no-error-summary", "--hide-error-context", "--check-untyped-defs", "--allow-redefinition"]
    if arguments.python:
        command += ["--python-executable", arguments.python]
    environment = dict(os.environ, MYPYPATH=os.pathsep.join([root, library]))
    start = time.monotonic()
    run = subprocess.run(command + ["--explicit-package-bases"] + files, cwd=root, env=environment, stdout=subprocess.PIPE)
    lines = run.stdout.decode("utf-8", "replace").splitlines()
    return [match.groupdict() for match in map(FINDING.match, lines) if match], len(lines), time.monotonic() - start


def is_of_library(finding, calls):
    """Whether a finding speaks of the library: by a module's name, or by a call of it in that line."""
    if finding["code"] == "attr-defined":
        return re.search(r'Module "%s[."]' % PACKAGE, finding["text"]) is not None
    return (finding["file"], int(finding["line"])) in calls


def statement_of(places, file, line, symbol):
    """Whether the import statement in that line binds the symbol, too."""
    return any(use["kind"] == "import" and use["symbol"] == symbol for use in places.get((file, line), []))


def compare(arguments, engine, library):
    document, seconds = contract(arguments, engine, library)
    root = document["engine"]["path"]
    places = {}
    for use in document["uses"]:
        file, line = use["where"].rsplit(":", 1)
        places.setdefault((file, int(line)), []).append(use)
    listed = listed_uses(arguments, engine)
    files = sorted({file for file, _ in listed})
    findings, printed, took = mypy(arguments, root, files, library)
    calls = {place for place, uses in listed.items() if any(use["kind"] == "call" for use in uses)}
    counted = {(f["file"], int(f["line"]), f["text"]): f for f in findings if is_of_library(f, calls)}
    # A statement of several lines: mypy names the name's own line, fusegate the statement's.
    broken = {}
    for (file, line), uses in places.items():
        for use in uses:
            if use["status"] in ("missing", "moved", "mismatch"):
                broken.setdefault(file, []).append((line, use))
    named, left, used = 0, [], set()
    for (file, line, text), _ in counted.items():
        word = re.search(r'has no attribute "(\w+)"', text)
        close = [(at, use) for at, use in broken.get(file, []) if at <= line <= at + 30 and
                 (at == line or (word and use["symbol"].endswith("." + word.group(1))))]
        if not close and not word:
            # The call of a name whose import fails is told by that.
            called = {use["symbol"] for use in listed[file, line] if use["kind"] == "call"}
            close = [(at, use) for at, use in broken.get(file, []) if use["kind"] == "import" and
                     any(statement_of(places, file, at, symbol) for symbol in called)]
        if close:
            named += 1
            used.update(use["id"] + use["where"] for _, use in close)
        else:
            left.append("%s:%d: %s" % (file, line, text))
    alone = sum(use["id"] + use["where"] not in used for uses in broken.values() for _, use in uses)
    print("%s on %s: %d of mypy's (in %d lines, %.0f s), %d found, %d left; fusegate alone %d (%.1f s)" %
          (engine, os.path.basename(library.rstrip("/")), len(counted), printed, took, named, len(left), alone, seconds))
    for text in left:
        print("  left: " + text)
    return not left


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pairs", nargs="+", metavar="ENGINE LIBRARY")
    parser.add_argument("--mypy", required=True)
    parser.add_argument("--python")
    parser.add_argument("--fusegate", default=os.path.join(HERE, "..", "..", "build", "bin", "fusegate"))
    arguments = parser.parse_args()
    if len(arguments.pairs) % 2:
        parser.error("an engine without a library")
    results = [compare(arguments, *arguments.pairs[i : i + 2]) for i in range(0, len(arguments.pairs), 2)]
    return 0 if all(results) else 1


sys.exit(main())
