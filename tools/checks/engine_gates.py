#!/usr/bin/env python3
"""Holds what is known of engines' gates against the engines' sources: each place must have the line, and on
it the word that the gate is known by.

  tools/checks/engine_gates.py ENGINES

ENGINES is a folder with one unpacked release a folder, as vllm-0.21.0/vllm or sglang-0.5.11/sglang. Exit
status 1 where a place does not hold; 77, and why, where no release is there that the data knows.
"""

import argparse
import glob
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GATES = os.path.join(HERE, "..", "..", "probe", "engines", "gates")


def places():
    """(engine, release, gate, marker, file, line), over all data files."""
    for name in sorted(glob.glob(os.path.join(GATES, "*.json"))):
        if name.endswith(".schema.json"):
            continue
        with open(name, encoding="utf-8") as file:
            data = json.load(file)
        for gate in data["gates"]:
            for rule in gate["rules"]:
                for at in rule["at"]:
                    yield data["engine"], at["release"], gate["id"], rule["marker"], at["file"], at["line"]


def mismatch(root, marker, name, line):
    """What is wrong with a place, or nothing."""
    try:
        with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
            lines = file.read().split("\n")
    except OSError as error:
        return "cannot be read: %s" % error.strerror
    if line > len(lines):
        return "has %d lines" % len(lines)
    if marker in lines[line - 1]:
        return None
    others = [i for i, text in enumerate(lines, 1) if marker in text]
    return "is %r; '%s' stands in lines %s" % (lines[line - 1].strip(), marker, others[:8] or "nowhere")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engines")
    arguments = parser.parse_args()
    held, wrong, missing = {}, [], set()
    for engine, release, gate, marker, name, line in places():
        root = os.path.join(arguments.engines, "%s-%s" % (engine, release))
        if not os.path.isdir(root):
            missing.add("%s-%s" % (engine, release))
            continue
        problem = mismatch(root, marker, name, line)
        held.setdefault((engine, release), []).append(problem is None)
        if problem:
            wrong.append("%s %s %s: %s:%d %s" % (engine, release, gate, name, line, problem))
    if not held:
        print("skipped: %s has none of %s" % (arguments.engines, ", ".join(sorted(missing))))
        return 77
    for (engine, release), answers in held.items():
        print("%s %s: %d of %d places hold" % (engine, release, sum(answers), len(answers)))
    for text in wrong:
        print(text)
    if missing:
        print("not there: %s" % ", ".join(sorted(missing)))
    return 1 if wrong else 0


sys.exit(main())
