# uses: expressions.py
"""Which of the things that a file does can concern a library, and these as events (python_uses.py).

Run after expressions.py. All imports are kept. Names that imports bind matter, but for those of
modules in PLAIN. What is assigned from them, anywhere in the file, does, too: `f = lib.g` is an alias,
`y = lib.g(x)` and `z = [lib.g]` have to do with it; what is called on those is kept, what that gives
is not followed further. Functions count by what they return, and `self.x` is one name for the whole
file. Kept are

  calls    of names that matter, with an alias among the arguments, and those of PROBES
  names    that are aliases
  binds    at module level; from or to names that matter; of constants; of tests of imported names or
           of what is set to constants elsewhere
  returns  of what matters, of constants, names and tests

This leaves out much of what an engine does and errs on the side of keeping.
"""

import ast
import re

# Modules whose uses never concern a library, but are most of all.
PLAIN = frozenset(
    """__future__ abc argparse ast asyncio atexit base64 builtins collections concurrent contextlib
    contextvars copy csv ctypes dataclasses datetime decimal enum fcntl fractions gc glob hashlib heapq
    io ipaddress itertools json logging math multiprocessing numbers operator os pathlib pickle
    platform pprint queue random re resource secrets select selectors shlex shutil signal socket stat
    statistics string struct subprocess sys tarfile tempfile textwrap threading time timeit tokenize
    traceback types typing typing_extensions unittest urllib uuid warnings weakref zipfile zlib
    PIL aiohttp cloudpickle einops fastapi httpx huggingface_hub msgspec numpy orjson packaging pandas
    psutil pybase64 pydantic pytest regex requests scipy setproctitle starlette tabulate torch
    torchvision tqdm transformers triton uvicorn uvloop zmq""".split()
)
# But for these of them.
LEADS = {"torch.ops", "sys.modules"}
# And for what these say of the machine.
MACHINE = {
    "torch.version.hip", "torch.version.cuda", "torch.cuda.is_available",
    "torch.cuda.get_device_capability",
}

PROBES = {"hasattr", "getattr", "setattr", "__import__"}
# Give what their first argument is, or a part of it.
PASS_ON = {"getattr", "partial", "cast", "wraps", "lru_cache", "cache"}
MODULE_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*\Z")

# How much a name has to do with imported ones. What is only derived passes that on to its aliases,
# and no further.
DERIVED, ALIAS = 1, 2


def key_of(name):
    """The part of a dotted name by which its uses are told apart."""
    root, dot, rest = name.partition(".")
    if not dot or name in MACHINE:
        return name
    first = rest.partition(".")[0]
    if root == "self" or root == "cls":
        return "self." + first
    lead = root + "." + first
    return lead if lead in LEADS else root


def base_key(node):
    """The same of the name that calls, attributes and subscripts begin with, or None."""
    while True:
        name = dotted(node)
        if name is not None:
            return key_of(name)
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.Await, ast.NamedExpr)):
            node = node.value
        else:
            return None


def argument_keys(call):
    """Of the arguments that are names."""
    for node in call.args + [keyword.value for keyword in call.keywords]:
        name = dotted(node.value if isinstance(node, ast.Starred) else node)
        if name is not None:
            yield key_of(name)


def alias_keys(value):
    """The keys of the names of which an expression may be another name."""
    keys, todo = [], [value]
    while todo:
        node = todo.pop()
        name = dotted(node)
        if name is not None:
            keys.append(key_of(name))
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.NamedExpr, ast.Await)):
            todo.append(node.value)
        elif isinstance(node, ast.BoolOp):
            todo += node.values
        elif isinstance(node, (ast.Tuple, ast.List)):
            todo += node.elts
        elif isinstance(node, ast.IfExp):
            todo += [node.body, node.orelse]
        elif isinstance(node, ast.Call):
            callee = dotted(node.func)
            if callee is None:
                todo.append(node.func)
            elif callee.rpartition(".")[2] in PASS_ON:
                todo += node.args[:1]
            else:
                keys.append(callee.replace("cls.", "self.", 1) + "()")
                if any(is_string(item) and MODULE_NAME.match(item.value) for item in node.args):
                    keys.append(key_of(callee))  # it may give the module of that name
    return keys


def is_test(node):
    return isinstance(node, (ast.Compare, ast.BoolOp)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


class Notes:
    """Takes what a walk over a file finds, and gives the facts when it knows what matters."""

    def __init__(self, source):
        self.source = source
        self.expressions = Expressions(source)
        self.scopes = [{"kind": "module", "name": ""}]
        self.events = []
        self.mentioned = []  # keys of the names in the expression that is being walked over
        self.levels = dict.fromkeys([*LEADS, *MACHINE, "__import__"], ALIAS)
        self.plain = set()
        self.flags = set()  # keys of what is set to constants
        self.passes_on = {}  # key: keys that are derived from it, and how closely
        self.has_star = False

    # What is found

    def event(self, event):
        self.events.append(event)

    def imported(self, module, bound_as, name=""):
        if name == "*":
            self.has_star = self.has_star or module.partition(".")[0] not in PLAIN
        elif module.partition(".")[0] in PLAIN and module + "." + name not in LEADS:
            self.plain.add(bound_as)
        else:
            self.levels[bound_as] = ALIAS

    def name(self, scope, line, under, name, use, key):
        self.mentioned.append(key)
        self.events.append(("name", scope, line, under, name, use, key))

    def call(self, scope, line, under, node, callee, use):
        key = base_key(node.func) if callee is None else key_of(callee)
        if key is not None:
            self.mentioned.append(key)
        self.events.append(("call", scope, line, under, node, use, key))

    def bind(self, scope, line, under, names, value, mentioned, source):
        """`value` is what each of the names is set to, or None; `source` what that comes from."""
        targets = [key_of(name) for name in names]
        if self.scopes[scope]["kind"] == "class":
            targets += ["self." + name for name in names]
        self.derive(mentioned, targets, DERIVED)
        if isinstance(value, ast.Constant):
            self.flags.update(targets)
        if source is not None:
            # To set an attribute of something does not make it the same.
            same = [k for n, k in zip(names, targets) if "." not in n or k.startswith("self.")]
            self.derive(alias_keys(source), same, ALIAS)
        self.events.append(("bind", scope, line, under, names, value, mentioned, targets))

    def returned(self, scope, node, under, mentioned):
        self.events.append(("return", scope, node.lineno, under, node.value, mentioned))
        facts = self.scopes[scope]
        if facts["kind"] == "function":
            name = facts["name"].rpartition(".")[2]
            names = [name, "self." + name, name + "()", "self." + name + "()"]
            self.derive(mentioned, names, DERIVED)
            self.derive(alias_keys(node.value), names, ALIAS)

    def derive(self, keys, targets, level):
        for key in keys:
            passes_on = self.passes_on.setdefault(key, {})
            for target in targets:
                if passes_on.get(target, 0) < level:
                    passes_on[target] = level

    # What matters

    def spread(self):
        todo = list(self.levels)
        if self.has_star:
            todo += self.unbound()
        while todo:
            key = todo.pop()
            for target, level in self.passes_on.get(key, {}).items():
                level += self.levels[key] - ALIAS
                if self.levels.get(target, 0) < level:
                    self.levels[target] = level
                    todo.append(target)

    def unbound(self):
        """Names that only `from module import *` can have bound; they count as imported."""
        bound = set(self.levels) | self.plain
        for scope in self.scopes[1:]:
            bound.update(scope["parameters"], [scope["name"].rpartition(".")[2]])
        for event in self.events:
            if event[0] == "bind":
                bound.update(event[7])
        used = {event[6] for event in self.events if event[0] in ("name", "call")}
        found = [key for key in used if key is not None and key not in bound]
        self.levels.update(dict.fromkeys(found, ALIAS))
        return found

    def level(self, key):
        return self.levels.get(key, 0)

    def matters(self, event):
        kind = event[0]
        if kind == "name":
            return self.levels.get(event[6]) == ALIAS
        if kind == "call":
            return (
                self.level(event[6]) > 0 or event[6] in PROBES
                or any(self.level(key) == ALIAS for key in argument_keys(event[4]))
            )
        if kind == "bind":
            return event[1] == 0 or self.value_matters(event[5], event[6] + event[7])
        if kind == "return":
            value = event[4]
            is_plain = is_test(value) or dotted(value) is not None
            return is_plain or self.value_matters(value, event[5])
        return True

    def value_matters(self, value, keys):
        if isinstance(value, ast.Constant) or any(map(self.level, keys)):
            return True
        if value is None or not is_test(value):
            return False
        return not (self.plain.isdisjoint(keys) and self.flags.isdisjoint(keys))

    # Facts

    def facts(self):
        self.spread()
        self.conditions = []
        of = self.expressions.of
        events = []
        for event in self.events:
            if not self.matters(event):
                continue
            kind = event[0]
            fact = [kind, event[1], event[2], self.number(event[3])]
            if kind == "bind":
                fact += [event[4], of(event[5])]
            elif kind == "call":
                fact += [of(event[4]), event[5]]
            elif kind == "return":
                fact.append(of(event[4]))
            else:
                fact += event[4:6] if kind == "name" else event[4:]
            events.append(fact)
        scopes = [["module"]]
        for scope in self.scopes[1:]:
            scope["under"] = self.number(scope["under"])
            scopes.append(list(scope.values()))
        return {"scopes": scopes, "conditions": self.conditions, "events": events}

    def number(self, under):
        """The number of a condition, which has one when it is first asked for."""
        if under.number is None:
            outer = self.number(under.outer)
            test = under.test
            if under.kind == "in_case":
                texts = tuple(map(self.expressions.text, test))
                test = ["other", bounded("match %s: case %s" % texts)]
            else:
                test = self.expressions.of(test)
            self.conditions.append([outer, under.kind, under.line, test, list(under.caught)])
            under.number = len(self.conditions)
        return under.number
