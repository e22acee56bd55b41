#!/usr/bin/env python3
"""Compares the signatures that `fusegate api show` reads from releases of AITER with a verified sample.

  FUSEGATE_AITER_GIT=CLONE tools/checks/api_sample.py SAMPLE [--fusegate PROGRAM]

SAMPLE is a JSON file {tag: {symbol: {module: {"sig": text, "jit": {"jit_module", "binding"} | null}}}}.
Spellings that mean the same are made equal first: Optional[X], Union[X, None] and X | None; torch.Tensor
and Tensor; 1e-5 and 1e-05. Of a class the sample has the constants that have no annotation. Prints how many were compared and what differs; exits with 1 if anything does,
with 3 where the clone is absent.
"""

import argparse
import ast
import json
import os
import subprocess
import sys

BINDINGS = {"develop": "pybind_develop"}


class Normaliser(ast.NodeTransformer):
    def visit_Attribute(self, node):
        return ast.copy_location(ast.Name(id=node.attr, ctx=ast.Load()), node)

    def visit_Subscript(self, node):
        self.generic_visit(node)
        name = node.value.id if isinstance(node.value, ast.Name) else None
        if name == "Optional":
            parts = [node.slice, ast.Constant(None)]
        elif name == "Union":
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        elif name in ("List", "Tuple", "Dict", "Set", "Type"):
            node.value.id = name.lower()
            return node
        else:
            return node
        joined = parts[0]
        for part in parts[1:]:
            joined = ast.BinOp(left=joined, op=ast.BitOr(), right=part)
        return joined

    def visit_Constant(self, node):
        # An annotation in quotes is the annotation.
        if isinstance(node.value, str) and self.in_annotation:
            return self.visit(ast.parse(node.value, mode="eval").body)
        return node

    in_annotation = False

    def annotation(self, node):
        self.in_annotation = True
        node = None if node is None else self.visit(node)
        self.in_annotation = False
        return node


def normal_expression(node):
    return ast.unparse(ast.fix_missing_locations(Normaliser().visit(node)))


def normal_signature(text):
    """One spelling of a signature."""
    function = ast.parse("def f" + text + ": ...").body[0]
    normaliser = Normaliser()
    for part in ast.walk(function.args):
        if isinstance(part, ast.arg):
            part.annotation = normaliser.annotation(part.annotation)
    function.args.defaults = [normaliser.visit(d) for d in function.args.defaults]
    function.args.kw_defaults = [d and normaliser.visit(d) for d in function.args.kw_defaults]
    function.returns = normaliser.annotation(function.returns)
    return ast.unparse(ast.fix_missing_locations(function))


def normal_sample(text):
    if text.startswith("("):
        return normal_signature(text)
    if text.startswith("class{"):
        body = ast.parse("f(" + text[len("class{") : -1] + ")", mode="eval").body
        return "class " + ", ".join(sorted(k.arg + "=" + normal_expression(k.value) for k in body.keywords))
    return text


def read_surface(program, repository, tag):
    output = subprocess.run(
        [program, "api", "show", "--repo", repository, "--rev", tag, "--library", "aiter", "--json", "-"],
        stdout=subprocess.PIPE, check=True,
    ).stdout
    symbols = {}
    for symbol in json.loads(output)["symbols"]:
        symbols.setdefault(symbol["name"], []).append(symbol)
    return symbols


def normal_found(name, symbols):
    """The sample's spelling of what was found."""
    found = symbols[name][0]
    if found["kind"] in ("function", "method"):
        binding = found["binding"]
        jit = binding and (binding["module"], binding["generation"])
        return normal_signature(found["signature"]), jit
    if found["kind"] == "class":
        constants = []
        for member, rows in symbols.items():
            owner, _, last = member.rpartition(".")
            if owner == name and rows[0]["kind"] == "constant" and rows[0]["annotation"] is None:
                value = ast.parse(rows[0]["value"], mode="eval").body
                constants.append(last + "=" + normal_expression(value))
        return "class " + ", ".join(sorted(constants)), None
    return "= " + found["value"], None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sample")
    parser.add_argument("--fusegate", default="build/bin/fusegate")
    arguments = parser.parse_args()
    repository = os.environ.get("FUSEGATE_AITER_GIT")
    if not repository:
        print("FUSEGATE_AITER_GIT names no clone of AITER: nothing was compared")
        return 3
    with open(arguments.sample, encoding="utf-8") as file:
        sample = json.load(file)
    compared = matched = 0
    for tag, wanted in sample.items():
        symbols = read_surface(arguments.fusegate, repository, tag)
        for name, modules in wanted.items():
            for module, fact in modules.items():
                dotted = module + "." + name
                compared += 1
                if dotted not in symbols:
                    print("%s %s: not found" % (tag, dotted))
                    continue
                jit = fact["jit"]
                expected = normal_sample(fact["sig"]), jit and (
                    jit["jit_module"], BINDINGS.get(jit["binding"], jit["binding"]))
                found = normal_found(dotted, symbols)
                if found == expected:
                    matched += 1
                else:
                    print("%s %s\n  sample: %s\n  found:  %s" % (tag, dotted, expected, found))
    print("%d signatures of %d releases compared, %d match" % (compared, len(sample), matched))
    return 0 if matched == compared else 1


if __name__ == "__main__":
    sys.exit(main())
