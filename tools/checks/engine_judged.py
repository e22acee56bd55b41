#!/usr/bin/env python3
"""Holds what is said of engines' uses against uses that people judged by reading the sources, and prints
precision and recall over those that are not fine.

  tools/checks/engine_judged.py ENGINES AITER FLASHINFER [--at-least 0.95]

Exits with 1 where one of them, for each function by itself, is lower.

ENGINES is a folder with one unpacked release a folder, as vllm-0.21.0/vllm or sglang-0.5.11/sglang; AITER is
a git clone of that library; FLASHINFER a folder with one unpacked release a folder, as v0.6.9/flashinfer.

The uses are in probe/engine/testing/judged_uses.json. They were drawn at random, some from each consequence,
engine, release and library, and some from a list of all imports and calls that Python's ast makes; who judged
them saw no answer of the program. `consequence` is what happens when the function around the use runs (or the
module is imported); `unbound` that there is no such use, or that its import says it all. `with_callers` is what
a reader found who went through all callers, too, where that differs.
"""

import argparse
import collections
import json
import os
import sys
import tempfile

from engine_matrix import check, unpack

JUDGED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "probe", "engine", "testing",
                      "judged_uses.json")
NOT_BROKEN = ("fine", "unbound", None)


def answers(judged, engines, aiter, flashinfer, folder):
    """What the program says, by (engine, release, library, release, where, last name, kind)."""
    wanted = collections.defaultdict(set)
    for use in judged:
        wanted[use["engine"], use["engine_release"], use["library"], tuple(use["assumed"])].add(use["library_release"])
    unpacked, found = {}, collections.defaultdict(list)
    for (engine, release, library, assumed), releases in sorted(wanted.items()):
        paths = []
        for version in sorted(releases):
            if library == "aiter" and version not in unpacked:
                unpacked[version] = unpack(aiter, "v" + version, folder)
            path = unpacked[version] if library == "aiter" else os.path.join(flashinfer, "v" + version)
            paths.append(library + "=" + path)
        tree = "%s=%s" % (engine, os.path.join(engines, engine + "-" + release))
        documents, _ = check(tree, paths, assumed)
        for version, document in zip(sorted(releases), documents):
            for use in document["uses"]:
                name = use["symbol"].rpartition(".")[2]
                found[engine, release, library, version, use["where"], name, use["kind"]].append(use["consequence"])
    return found


def key_of(use):
    return (use["engine"], use["engine_release"], use["library"], use["library_release"], use["where"],
            use["symbol"].rpartition(".")[2], use["kind"])


def figures(judged, found, expected):
    """Prints how often what is said and what is expected agree; gives precision, recall and those that differ."""
    right = said_wrong = missed = 0
    differ = []
    for use in judged:
        want = expected(use)
        said = (found.get(key_of(use)) or [None])[0]
        agrees = said == want or (said in NOT_BROKEN and want in NOT_BROKEN)
        if not agrees:
            differ.append((use, said, want))
        right += agrees and want not in NOT_BROKEN
        said_wrong += not agrees and said not in NOT_BROKEN
        missed += not agrees and want not in NOT_BROKEN
    if not right:
        raise SystemExit("none of the %d uses is said what it was judged to be: are these the sources?" % len(judged))
    precision, recall = right / (right + said_wrong), right / (right + missed)
    print("%d uses, %d not fine: precision %.3f (%d of %d), recall %.3f (%d of %d)" % (
        len(judged), right + missed, precision, right, right + said_wrong, recall, right, right + missed))
    return precision, recall, differ


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engines")
    parser.add_argument("aiter")
    parser.add_argument("flashinfer")
    parser.add_argument("--at-least", type=float, default=0.95)
    arguments = parser.parse_args()
    with open(JUDGED, encoding="utf-8") as file:
        judged = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        found = answers(judged, arguments.engines, arguments.aiter, arguments.flashinfer, folder)
    print("each function by itself: ", end="")
    precision, recall, differ = figures(judged, found, lambda use: use["consequence"])
    for use, said, want in differ:
        print("  %s %s x %s %s  %s  %s  %s: said %s, judged %s: %s" % (
            use["engine"], use["engine_release"], use["library"], use["library_release"], use["where"],
            use["symbol"], use["kind"], said, want, use["why"]))
    print("with all callers: ", end="")
    figures(judged, found, lambda use: use.get("with_callers", use["consequence"]))
    return 1 if min(precision, recall) < arguments.at_least else 0


sys.exit(main())
