#!/usr/bin/env python3
"""Holds engines against releases of a library, each against each, and prints what breaks as a table.

  tools/checks/engine_matrix.py ENGINES CLONE [--releases V,...] [--assume NAME[=VALUE]]... [--json FILE]

ENGINES is a folder with one unpacked release a folder, as vllm-0.21.0/vllm or sglang-0.5.11/sglang; CLONE is
a git clone of the library. A cell is `stops import + fails at call / misled / off / conditional`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("FUSEGATE", os.path.join(HERE, "..", "..", "build", "bin", "fusegate"))
RELEASES = ("v0.1.10.post3,v0.1.11.post1,v0.1.12,v0.1.13.post1,v0.1.14,v0.1.16.post5,v0.1.17,v0.1.18,"
            "v0.1.19.post2,v0.1.20.post1")
ASSUMED = {"vllm": ["gfx942", "VLLM_ROCM_USE_AITER=1"], "sglang": ["gfx942", "SGLANG_USE_AITER=1"]}


def version_key(name):
    return [int(part) for part in re.findall(r"\d+", name)]


def unpack(clone, release, folder):
    """The release's files, as `git archive` gives them."""
    root = os.path.join(folder, release)
    os.mkdir(root)
    archive = subprocess.Popen(["git", "-C", clone, "archive", release, "aiter", "csrc", "setup.py"], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", root], stdin=archive.stdout, check=True)
    if archive.wait() != 0:
        raise SystemExit("no release %s in %s" % (release, clone))
    return root


def check(engine, libraries, assumed):
    """The documents of one engine against libraries, each NAME=PATH, and the seconds they took."""
    command = [PROGRAM, "contract", "check", "--engine", engine, "--json", "-"]
    for library in libraries:
        command += ["--library", library]
    for name in assumed:
        command += ["--assume", name]
    start = time.monotonic()
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seconds = time.monotonic() - start
    if run.returncode not in (0, 1):
        raise SystemExit("%s: %s" % (engine, run.stderr.decode("utf-8", "replace")))
    documents = json.loads(run.stdout)
    return documents if isinstance(documents, list) else [documents], seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engines")
    parser.add_argument("clone")
    parser.add_argument("--releases", default=RELEASES)
    parser.add_argument("--assume", action="append")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    releases = arguments.releases.split(",")
    names = sorted((n for n in os.listdir(arguments.engines) if re.match(r"(vllm|sglang)-\d", n)),
                   key=lambda n: (n.split("-")[0], version_key(n)))
    cells, took = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        libraries = ["aiter=" + unpack(arguments.clone, release, folder) for release in releases]
        for name in names:
            assumed = arguments.assume or ASSUMED[name.split("-")[0]]
            documents, took[name] = check(os.path.join(arguments.engines, name), libraries, assumed)
            for release, document in zip(releases, documents):
                cells[name, release] = document
    print("| engine | " + " | ".join(releases) + " | s |")
    print("|---" * (len(releases) + 2) + "|")
    for name in names:
        row = []
        for release in releases:
            counts = cells[name, release]["counts"]
            row.append("%d+%d/%d/%d/%d" % (counts["stops_import"], counts["fails_at_call"], counts["misled"],
                                           counts["off"], counts["conditional"]))
        print("| %s | %s | %.1f |" % (name, " | ".join(row), took[name]))
    print("cell: stops import + fails at call / misled / off / conditional; %.1f s in all" % sum(took.values()))
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([{**cells[n, r], "cell": [n, r]} for n, r in cells], file)


if __name__ == "__main__":
    sys.exit(main())
