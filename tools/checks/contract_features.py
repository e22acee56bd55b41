#!/usr/bin/env python3
"""Compares the features of every defect in probe/contracts/aiter/*.json with the releases it states.

  tools/checks/contract_features.py [REPO] [--fusegate PROGRAM]

REPO is a clone of AITER, or else the one that FUSEGATE_AITER_GIT names. A defect is looked for in each release
that has one of its generations, or in each release at all if it names none. A file that is not in a release shows
nothing there: a defect that is stated for such a release and that no other feature denies is a disagreement too.
Prints the disagreements; exits with 1 if there are any, with 3 where no clone is named.
"""

import argparse
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CONTRACTS = os.path.join(HERE, "..", "..", "probe", "contracts", "aiter", "*.json")


def one_spaced(text):
    return " ".join(text.split())


class Repository:
    """The texts and the Python names of a repository's releases."""

    def __init__(self, path, program):
        self.path, self.program = path, program
        self.files, self.names = {}, {}
        self.blobs = subprocess.Popen(["git", "-C", path, "cat-file", "--batch"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)

    def ask(self, *arguments):
        command = [self.program, "api", *arguments[:1], "--repo", self.path, "--library", "aiter", "--json", "-",
                   *arguments[1:]]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    def tags(self, symbol):
        """The releases in their order: those in which anything is looked for."""
        return self.ask("timeline", "--", symbol)["tags"]

    def text(self, tag, path):
        if (tag, path) not in self.files:
            self.blobs.stdin.write(("%s:%s\n" % (tag, path)).encode())
            self.blobs.stdin.flush()
            header = self.blobs.stdout.readline().split()
            content = None
            if header[-1] != b"missing":
                content = one_spaced(self.blobs.stdout.read(int(header[2])).decode("utf-8", "replace"))
                self.blobs.stdout.read(1)
            self.files[tag, path] = content
        return self.files[tag, path]

    def symbol(self, tag, name):
        """What a release defines under a dotted name: a list, as conditions may define it several times."""
        if (tag, name) not in self.names:
            symbols = self.ask("show", "--rev", tag, "--", name)["symbols"]
            self.names[tag, name] = [s for s in symbols if s["name"] == name]
        return self.names[tag, name]


def parameters(signature):
    """The names between the brackets, as far as a comma outside of any further bracket parts them."""
    names, depth, begin = [], 0, 1
    for place, letter in enumerate(signature):
        depth += letter in "([{"
        depth -= letter in ")]}"
        if (letter == "," and depth == 1) or (depth == 0 and letter == ")"):
            names.append(signature[begin:place].split(":")[0].split("=")[0].strip(" *"))
            begin = place + 1
        if depth == 0:
            return names
    return names


def has_parameter(feature, names):
    name, place = feature["has_parameter"], feature.get("at_place", 0)
    return name in names and place in (0, names.index(name) + 1)


def holds(feature, repository, tag):
    """Whether a release has it; None: there is no file that tells."""
    if "file" in feature:
        texts = [repository.text(tag, path) for path in feature["file"]]
        text = next((text for text in texts if text is not None), None)
        if text is None:
            return None
        return (("has" not in feature or one_spaced(feature["has"]) in text)
                and ("lacks" not in feature or one_spaced(feature["lacks"]) not in text))
    return any(
        ("has_parameter" not in feature or has_parameter(feature, parameters(symbol.get("signature", "()"))))
        and ("lacks_parameter" not in feature
             or feature["lacks_parameter"] not in parameters(symbol.get("signature", "()")))
        and ("under" not in feature
             or any(part.startswith(feature["under"]) for part in (symbol["condition"] or "").split(", ")))
        for symbol in repository.symbol(tag, feature["symbol"]))


def there(defect, repository, tag):
    found = [holds(feature, repository, tag) for feature in defect["features"]]
    return False if False in found else None if None in found else True


def within(ranges, order, tags):
    """The releases, as places in the order, that ranges name."""
    places = set()
    for entry in ranges:
        last = len(tags) - 1 if entry["last"] is None else order[entry["last"]]
        places.update(range(order[entry["first"]], last + 1))
    return places


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("repo", nargs="?", default=os.environ.get("FUSEGATE_AITER_GIT"))
    parser.add_argument("--fusegate", default=os.path.join(HERE, "..", "..", "build", "bin", "fusegate"))
    arguments = parser.parse_args()
    if not arguments.repo:
        print("FUSEGATE_AITER_GIT names no clone of AITER: nothing was compared")
        return 3
    contracts = []
    for path in sorted(glob.glob(CONTRACTS)):
        if os.path.basename(path) not in ("library.json", "probes.json", "releases.json"):
            with open(path, encoding="utf-8") as file:
                contracts.append(json.load(file))
    repository = Repository(arguments.repo, arguments.fusegate)
    tags = repository.tags(contracts[0]["symbol"])
    order = {tag.removeprefix("v"): place for place, tag in enumerate(tags)}
    compared = disagreements = without = 0
    for contract in contracts:
        for defect in contract.get("defects", []):
            if "features" not in defect:
                without += 1
                continue
            looked_at = set(range(len(tags)))
            if "generations" in defect:
                looked_at = set().union(*(within(g["releases"], order, tags) for g in contract["generations"]
                                          if g["id"] in defect["generations"]))
            stated = within(defect["releases"], order, tags)
            compared += 1
            for place in sorted(looked_at):
                found = there(defect, repository, tags[place])
                if (place in stated) != bool(found):
                    disagreements += 1
                    print("%s: %s: %s: %s, but %s" % (
                        contract["contract"], defect["id"], tags[place],
                        "stated" if place in stated else "not stated",
                        {True: "its features are there", False: "its features are not",
                         None: "the file that shows it is not there"}[found]))
    print("%d defects compared over %d releases, %d disagreements; %d have no features"
          % (compared, len(tags), disagreements, without))
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
