#!/usr/bin/env python3
"""Brings probe/contracts/LIBRARY/*.json, generations and the list of releases, up to date with a repository.

  tools/update_contracts.py LIBRARY --repo CLONE [--new [CONTRACT=]SYMBOL[@MODULE]...] [--fusegate PROGRAM]
                            [--tags GLOB]

What was written by hand stays: a generation is recognised by its module, signature and binding, and keeps its
id and what a person wrote of it (BY_HAND); only its releases change. A generation that is new gets an id with the
release in which it appears first, to be replaced by one that says what it is. --new begins the file of a symbol
that is not tracked yet, with the fields that only a person can fill in marked TODO, which the schema
refuses in the next build. CONTRACT names it where several modules define the symbol: triton.rms_norm=rms_norm@aiter.ops.triton.
"""

import argparse
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "checks"))
from api_sample import normal_signature  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))

BY_HAND = ("returns", "outputs", "adapter", "c_call", "norms_rounded_sum", "rounds_before_weight", "note", "limits")


def contracts_folder(library):
    return os.path.join(HERE, "..", "probe", "contracts", library)


def read_contracts(library):
    contracts = {}
    folder = contracts_folder(library)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".json") and name not in ("library.json", "probes.json", "releases.json"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                contracts[name] = json.load(file)
    return contracts


def begin(symbol):
    """The file of a symbol that is new, "[CONTRACT=]SYMBOL[@MODULE]"."""
    symbol, _, module = symbol.partition("@")
    name, _, symbol = symbol.rpartition("=")
    contract = {"contract": name or symbol, "op": "TODO", "summary": "TODO", "symbol": symbol}
    if module:
        contract["modules"] = [module]
    return {**contract, "generations": [], "defects": []}


def read_timeline(arguments, symbols):
    command = [arguments.fusegate, "api", "timeline", "--repo", arguments.repo, "--library", arguments.library,
               "--json", "-"]
    if arguments.tags:
        command += ["--tags", arguments.tags]
    output = subprocess.run(command + ["--"] + symbols, stdout=subprocess.PIPE, check=True).stdout
    timeline = json.loads(output)
    return timeline["tags"], {symbol["name"]: symbol["ranges"] for symbol in timeline["symbols"]}


def normal(signature):
    if not signature.startswith("("):
        return signature
    try:
        return normal_signature(signature)
    except SyntaxError:
        return signature


def key_of(module, signature, binding):
    return module, normal(signature), binding


def is_below(module, places):
    return not places or any(module == place or module.startswith(place + ".") for place in places)


def version(tag):
    return re.sub(r"^v(?=\d)", "", tag)


def update(contract, ranges, tags):
    """The contract with the generations of these ranges."""
    known = {key_of(g["module"], g["signature"], g["binding"]): g for g in contract["generations"]}
    found = {}
    for entry in ranges:
        if not is_below(entry["defined_in"], contract.get("modules")):
            continue
        binding = entry["binding"] or "python"
        key = key_of(entry["defined_in"], entry["signature"], binding)
        generation = found.setdefault(key, {"module": entry["defined_in"], "signature": entry["signature"],
                                            "binding": binding, "releases": []})
        generation["signature"] = entry["signature"]
        last = None if entry["last"] == tags[-1] else version(entry["last"])
        generation["releases"].append({"first": version(entry["first"]), "last": last})
    order = {version(tag): index for index, tag in enumerate(tags)}
    generations = []
    for key, generation in sorted(found.items(), key=lambda item: order[item[1]["releases"][0]["first"]]):
        written = known.get(key, {"id": "since_" + re.sub(r"\W", "_", generation["releases"][0]["first"])})
        kept = {name: written[name] for name in BY_HAND if name in written}
        releases = generation.pop("releases")
        generations.append({"id": written["id"], **generation, **kept, "releases": releases})
    return {**contract, "generations": generations}


def write(path, contract):
    text = json.dumps(contract, indent=2, ensure_ascii=False)
    # Ranges of releases on a line each.
    text = re.sub(r'\{\s*"first": ("[^"]*"),\s*"last": ("[^"]*"|null)\s*\}', r'{"first": \1, "last": \2}', text)
    # So are lists of names.
    text = re.sub(r'"(outputs|modules|file|generations)": \[\s*("[^\]{]*?")?\s*\]',
                  lambda m: '"%s": [%s]' % (m.group(1), re.sub(r"\s*\n\s*", " ", m.group(2) or "")), text)
    # An adapter is a line.
    text = re.sub(r'"adapter": \{\s*"arguments": \{[^}]*\}(,\s*"returns": \[[^\]]*\])?\s*\}',
                  lambda m: re.sub(r"([\[{]) | ([\]}])", r"\1\2", re.sub(r"\s*\n\s*", " ", m.group(0))), text)
    # So is an argument of a C function.
    text = re.sub(r'\{\s*"name": "[^"]*",\s*"type": "[^"]*",\s*"meaning": [^{}]*(\{[^{}]*\}\s*)?\}',
                  lambda m: re.sub(r"([\[{]) | ([\]}])", r"\1\2", re.sub(r"\s*\n\s*", " ", m.group(0))), text)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n")


def write_releases(library, tags):
    path = os.path.join(contracts_folder(library), "releases.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps({"releases": [version(tag) for tag in tags]}, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("library")
    parser.add_argument("--repo", required=True)
    parser.add_argument("--new", nargs="*", default=[])
    parser.add_argument("--tags", default="")
    parser.add_argument("--fusegate", default=os.path.join(HERE, "..", "build", "bin", "fusegate"))
    arguments = parser.parse_args()
    contracts = read_contracts(arguments.library)
    for symbol in arguments.new:
        contract = begin(symbol)
        contracts.setdefault(contract["contract"] + ".json", contract)
    tags, timelines = read_timeline(arguments, sorted({c["symbol"] for c in contracts.values()}))
    write_releases(arguments.library, tags)
    for name, contract in contracts.items():
        updated = update(contract, timelines.get(contract["symbol"], []), tags)
        if not updated["generations"]:
            print("%s: no release defines %s" % (name, contract["symbol"]))
            continue
        write(os.path.join(contracts_folder(arguments.library), name), updated)
        print("%s: %d generations" % (name, len(updated["generations"])))


if __name__ == "__main__":
    main()
