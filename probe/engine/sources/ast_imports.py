"""What scan_imports must say of the .py files below a folder, from Python's own syntax tree.

Prints a JSON line for each file: {"file": NAME, "imports": [[line, level, module, name, bound_as,
function, around, handlers, try_line], ...]}, or {"file": NAME, "refused": true} for one that does not
parse. "with" stands without its items.
"""

import ast
import json
import os
import sys
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))


def facts_script():
    """What the scripts of facts share: their form of expressions is used here."""
    names = {}
    with open(os.path.join(HERE, "..", "..", "facts", "common.py"), encoding="utf-8") as file:
        exec(compile(file.read(), "common.py", "exec"), names)
    return names


FACTS = facts_script()
FALSE = {"False", "0", "TYPE_CHECKING", '__name__=="__main__"', '"__main__"==__name__'}


def outcome(test, source):
    """Whether a test says itself that it is true or false, else None."""
    negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    plain = test.operand if negated else test
    text = source.text(plain).replace(" ", "").replace("'", '"')
    if text in ("True", "1"):
        return not negated
    is_name = isinstance(plain, (ast.Name, ast.Attribute)) and FACTS["dotted"](plain)
    if text in FALSE or (is_name and text.endswith(".TYPE_CHECKING")):
        return negated
    return None


class Reader:
    def __init__(self, source):
        self.source = source
        self.found = []

    def text(self, node):
        return self.source.text(node)

    def read(self, body, path, function, around, caught):
        for node in body:
            method = getattr(self, "read_" + type(node).__name__, None)
            if method:
                method(node, path, function, around, caught)

    def read_Import(self, node, path, function, around, caught):
        for name in node.names:
            self.add(node, 0, name.name, "", name.asname, function, around, caught)

    def read_ImportFrom(self, node, path, function, around, caught):
        for name in node.names:
            module = node.module or ""
            self.add(node, node.level, module, name.name, name.asname, function, around, caught)

    def add(self, node, level, module, name, bound_as, function, around, caught):
        handlers, try_line = caught
        self.found.append([node.lineno, level, module, name, bound_as or "", function, around,
                           handlers, try_line])

    def read_FunctionDef(self, node, path, function, around, caught):
        name = path + "." + node.name if path else node.name
        self.read(node.body, name, name, [], ([], 0))

    read_AsyncFunctionDef = read_FunctionDef

    def read_ClassDef(self, node, path, function, around, caught):
        name = path + "." + node.name if path else node.name
        self.read(node.body, name, function, around, caught)

    def read_If(self, node, path, function, around, caught):
        earlier = []
        while True:  # an elif is an if in the else
            known = outcome(node.test, self.source)
            test = self.text(node.test)
            if known is not False:
                here = [] if known else ["if " + test]
                self.read(node.body, path, function, around + earlier + here, caught)
            if known:
                return
            if known is None:
                earlier = earlier + ["else of " + test]
            if not self.is_elif(node):
                break
            node = node.orelse[0]
        self.read(node.orelse, path, function, around + earlier, caught)

    def is_elif(self, node):
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
            return False
        inner = node.orelse[0]
        return self.source.lines[inner.lineno - 1][inner.col_offset:].startswith(b"elif")

    def read_For(self, node, path, function, around, caught):
        word = "while" if isinstance(node, ast.While) else "for"
        self.read(node.body, path, function, around + [word], caught)
        self.read(node.orelse, path, function, around + ["else of " + word], caught)

    read_AsyncFor = read_While = read_For

    def read_With(self, node, path, function, around, caught):
        self.read(node.body, path, function, around + ["with"], caught)

    read_AsyncWith = read_With

    def read_Match(self, node, path, function, around, caught):
        for case in node.cases:
            self.read(case.body, path, function, around + ["match"], caught)

    def read_Try(self, node, path, function, around, caught):
        types = [self.text(handler.type) or "" for handler in node.handlers]
        inner = (types, node.lineno) if types else caught
        self.read(node.body, path, function, around + ["try"], inner)
        for handler, text in zip(node.handlers, types):
            here = "except " + text if text else "except"
            self.read(handler.body, path, function, around + [here], caught)
        self.read(node.orelse, path, function, around + ["else of try"], caught)
        self.read(node.finalbody, path, function, around, caught)

    read_TryStar = read_Try


def imports_of(data):
    text = FACTS["decode"](data)
    if "\0" in text:
        raise ValueError("a NUL byte, on which versions disagree")
    reader = Reader(FACTS["Source"](text))
    reader.read(ast.parse(text).body, "", "", [], ([], 0))
    return reader.found


def main():
    root = sys.argv[1]
    warnings.simplefilter("ignore")
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            if not name.endswith(".py") or not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                data = file.read()
            line = {"file": os.path.relpath(path, root)}
            try:
                line["imports"] = imports_of(data)
            except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError):
                line["refused"] = True
            print(json.dumps(line))


main()
