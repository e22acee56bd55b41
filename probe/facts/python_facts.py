# uses: common.py
"""Turns Python sources into facts about the names they bind. Nothing of them is imported.

Run after common.py, which has the protocol. Facts are {"conditions": [CONDITIONS, ...], "body":
[STATEMENT, ...]}, arrays for their size:

  CONDITIONS  [[kind, text], ...], outermost first; a statement's `under` is an index into the list,
              0 is no condition
  STATEMENT   ["def", line, end_line, under, name, parameters, returns, decorators, is_async]
              ["getattr", line, under, answers]       besides the "def" of a module's __getattr__
              ["class", line, end_line, under, name, bases, decorators, body, attributes]
              ["import", line, under, [[module, as], ...]]
              ["from", line, under, level, module, [[name, as], ...]]
              ["set", line, under, targets, annotation, value]
              ["all", line, under, operation, value]  of __all__: set, add or remove
              ["del", line, under, names]
              ["dynamic", line, under, text]          binds names that only running it tells
  parameter   [name, kind, default, annotation]; kind counts positional_only,
              positional_or_keyword, var_positional, keyword_only, var_keyword from 0
  decorator   text, or [callee, [argument, ...], {keyword: argument}] of a call
  value       null or [kind, text]: literal, name (a dotted one), call, other
              ["strings", [...]]: a list or tuple of strings; ["map", {...}]: string to string
  attributes  [[name, line], ...]: what methods set on instances, where they do first
  answers     [names, variables]: what the parameter is compared with, as strings, and the names of
              the variables that it is looked up in

Functions within functions are not reachable by name and are left out, and so are type parameters
(`def f[T](...)`).
"""

import ast
import zlib

# Of a longer value, its beginning and a checksum: whether it changed, not what it is.
VALUE_LIMIT = 1000


def parameters_of(arguments, source):
    positional = arguments.posonlyargs + arguments.args
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    only = len(arguments.posonlyargs)
    found = [
        (argument, 0 if index < only else 1, default)
        for index, (argument, default) in enumerate(zip(positional, defaults))
    ]
    if arguments.vararg:
        found.append((arguments.vararg, 2, None))
    found += [(a, 3, default) for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults)]
    if arguments.kwarg:
        found.append((arguments.kwarg, 4, None))
    return [
        [argument.arg, kind, source.text(default), source.text(argument.annotation)]
        for argument, kind, default in found
    ]


def is_literal(node, depth=0):
    if isinstance(node, ast.Constant):
        return True
    if depth > 8:
        return False
    if isinstance(node, ast.UnaryOp):
        return is_literal(node.operand, depth + 1)
    if isinstance(node, ast.BinOp):
        return is_literal(node.left, depth + 1) and is_literal(node.right, depth + 1)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(is_literal(item, depth + 1) for item in node.elts)
    if isinstance(node, ast.Dict):
        return all(
            key is not None and is_literal(key, depth + 1) and is_literal(value, depth + 1)
            for key, value in zip(node.keys, node.values)
        )
    return False


def strings_of(node):
    """The items of a list, tuple or set of strings, or None."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)) and all(map(is_string, node.elts)):
        return [item.value for item in node.elts]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = strings_of(node.left), strings_of(node.right)
        return None if left is None or right is None else left + right
    return None


def value_of(node, source):
    if node is None:
        return None
    strings = strings_of(node)
    if strings is not None:
        return ["strings", strings]
    if isinstance(node, ast.Dict) and node.keys:
        if all(key is not None and is_string(key) for key in node.keys):
            if all(map(is_string, node.values)):
                return ["map", {key.value: value.value for key, value in zip(node.keys, node.values)}]
    name = dotted(node)
    if name is not None:
        return ["name", name]
    kind = "call" if isinstance(node, ast.Call) else "literal" if is_literal(node) else "other"
    text = source.text(node)
    if len(text) > VALUE_LIMIT:
        text = "%s... (%08x)" % (text[:VALUE_LIMIT], zlib.crc32(text.encode("utf-8")))
    return [kind, text]


def decorator_of(node, source):
    if not isinstance(node, ast.Call):
        return source.text(node)
    arguments = [source.text(argument) for argument in node.args]
    keywords = {keyword.arg or "**": source.text(keyword.value) for keyword in node.keywords}
    return [source.text(node.func), arguments, keywords]


def compared_with(node):
    """What a module's __getattr__(name) answers to, as far as its comparisons tell."""
    names, variables = [], []
    parameters = node.args.posonlyargs + node.args.args
    if not parameters:
        return [names, variables]
    for part in ast.walk(node):
        if not isinstance(part, ast.Compare) or len(part.ops) != 1:
            continue
        if not isinstance(part.left, ast.Name) or part.left.id != parameters[0].arg:
            continue
        other = part.comparators[0]
        if isinstance(part.ops[0], ast.Eq) and is_string(other):
            names.append(other.value)
        elif isinstance(part.ops[0], ast.In):
            strings, variable = strings_of(other), dotted(other)
            if strings is not None:
                names += strings
            elif variable is not None:
                variables.append(variable)
    return [names, variables]


def attributes_of(node):
    """What the methods of a class set through their first parameter."""
    found = {}
    for method in node.body:
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        parameters = method.args.posonlyargs + method.args.args
        if not parameters:
            continue
        instance = parameters[0].arg
        for part in ast.walk(method):
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                if isinstance(part.value, ast.Name) and part.value.id == instance:
                    found.setdefault(part.attr, part.lineno)
    return [[name, line] for name, line in found.items()]


def names_in(target):
    """The plain and dotted names that an assignment's target binds."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for item in target.elts for name in names_in(item)]
    if isinstance(target, ast.Starred):
        return names_in(target.value)
    name = dotted(target)
    return [] if name is None else [name]


def calls_globals(node):
    """`globals()`, `vars()`, `sys.modules`: ways to a namespace other than by name."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("globals", "vars", "locals") and not node.args
    return dotted(node) == "sys.modules"


def is_dynamic(node):
    """Whether an expression statement binds names in a way that only running it tells."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id in ("exec", "eval", "setattr", "delattr")
    if isinstance(node.func, ast.Attribute):
        return calls_globals(node.func.value) or dotted(node.func) == "sys.meta_path.insert"
    return False


class Reader:
    """Collects the statements of one file."""

    def __init__(self, source):
        self.source = source
        self.conditions = [[]]
        self.numbers = {(): 0}

    def number(self, conditions):
        if conditions not in self.numbers:
            self.numbers[conditions] = len(self.conditions)
            self.conditions.append([list(condition) for condition in conditions])
        return self.numbers[conditions]

    def read(self, body, conditions, in_class):
        found = []
        # A stack of its own: a source may nest deeper than Python recurses. Blocks of a statement
        # come in its place, so they are put back in reverse.
        todo = [(node, conditions) for node in reversed(body)]
        while todo:
            node, conditions = todo.pop()
            if self.source.has_walrus:
                found += self.walrus(node, self.number(conditions))
            method = getattr(self, "read_" + type(node).__name__, None)
            if method is not None:
                found += method(node, self.number(conditions), conditions, in_class)
                continue
            for block, more in reversed(self.blocks_of(node)):
                todo += [(child, conditions + more) for child in reversed(block)]
        return found

    def read_FunctionDef(self, node, under, conditions, in_class):
        source = self.source
        fact = [
            "def", node.lineno, node.end_lineno, under, node.name,
            parameters_of(node.args, source), source.text(node.returns),
            [decorator_of(decorator, source) for decorator in node.decorator_list],
            isinstance(node, ast.AsyncFunctionDef),
        ]
        if node.name == "__getattr__" and not in_class:
            return [fact, ["getattr", node.lineno, under, compared_with(node)]]
        return [fact]

    read_AsyncFunctionDef = read_FunctionDef

    def read_ClassDef(self, node, under, conditions, in_class):
        bases = [self.source.text(base) for base in node.bases]
        decorators = [decorator_of(decorator, self.source) for decorator in node.decorator_list]
        body = self.read(node.body, (), True)
        return [[
            "class", node.lineno, node.end_lineno, under, node.name, bases, decorators, body,
            attributes_of(node),
        ]]

    def read_Import(self, node, under, conditions, in_class):
        return [["import", node.lineno, under, [[a.name, a.asname] for a in node.names]]]

    def read_ImportFrom(self, node, under, conditions, in_class):
        names = [[a.name, a.asname] for a in node.names]
        return [["from", node.lineno, under, node.level, node.module or "", names]]

    def read_Assign(self, node, under, conditions, in_class):
        return self.set(node, node.targets, None, under)

    def read_AnnAssign(self, node, under, conditions, in_class):
        return self.set(node, [node.target], self.source.text(node.annotation), under)

    def read_AugAssign(self, node, under, conditions, in_class):
        if dotted(node.target) == "__all__":
            return self.all(node, under, "add", node.value)
        value = ["other", self.source.text(node)[:VALUE_LIMIT]]
        names = names_in(node.target)
        return [["set", node.lineno, under, names, None, value]] if names else []

    def read_TypeAlias(self, node, under, conditions, in_class):
        return self.set(node, [node.name], None, under)

    def set(self, node, targets, annotation, under):
        if any(dotted(target) == "__all__" for target in targets):
            return self.all(node, under, "set", node.value)
        if any(isinstance(t, ast.Subscript) and calls_globals(t.value) for t in targets):
            return self.dynamic(node, under)
        names = [name for target in targets for name in names_in(target)]
        if not names:
            return []
        unpacks = any(isinstance(target, (ast.Tuple, ast.List)) for target in targets)
        value = ["other", ""] if unpacks else value_of(node.value, self.source)
        return [["set", node.lineno, under, names, annotation, value]]

    def walrus(self, node, under):
        """`(name := value)` in the expressions of a statement; not in the blocks within it."""
        found = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return found
        todo = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
        while todo:
            part = todo.pop()
            if isinstance(part, ast.Lambda):
                continue
            if isinstance(part, ast.NamedExpr):
                found += self.set(part, [part.target], None, under)
            todo += ast.iter_child_nodes(part)
        return found

    def all(self, node, under, operation, value):
        if isinstance(value, ast.BinOp) and strings_of(value) is None:
            # `__all__ = [...] + other.__all__`: one part after the other.
            facts, parts = [], [value]
            while isinstance(parts[0], ast.BinOp):
                parts[:1] = [parts[0].left, parts[0].right]
            for part in parts:
                facts += self.all(node, under, operation, part)
                operation = "add"
            return facts
        return [["all", node.lineno, under, operation, value_of(value, self.source)]]

    def read_Delete(self, node, under, conditions, in_class):
        names = [name for target in node.targets for name in names_in(target)]
        return [["del", node.lineno, under, names]] if names else []

    def read_Expr(self, node, under, conditions, in_class):
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args:
            if dotted(call.func.value) == "__all__":
                operation = {"extend": "add", "append": "add", "remove": "remove"}.get(call.func.attr)
                item = call.args[0]
                if operation is not None and call.func.attr != "extend":
                    item = ast.copy_location(ast.List(elts=[item], ctx=ast.Load()), item)
                return self.all(node, under, operation or "set", item)
        return self.dynamic(node, under) if is_dynamic(call) else []

    def dynamic(self, node, under):
        return [["dynamic", node.lineno, under, self.source.text(node)[:VALUE_LIMIT]]]

    def blocks_of(self, node):
        """The statement lists within a statement, each with the condition under which it runs; the
        names that its head binds come first."""
        text = self.source.text

        def under(kind, text=""):
            return ((kind, text),)

        name = type(node).__name__
        if name in ("If", "While"):
            test = text(node.test)
            return [(node.body, under(name.lower(), test)), (node.orelse, under("else", test))]
        if name in ("For", "AsyncFor"):
            over = text(node.iter)
            return [
                ([self.bound(node, node.target)] + node.body, under("for", over)),
                (node.orelse, under("else", over)),
            ]
        if name in ("Try", "TryStar"):
            caught = [(h.body, under("except", text(h.type) or "")) for h in node.handlers]
            return [
                (node.body, under("try")), *caught, (node.orelse, under("try")), (node.finalbody, ())
            ]
        if name in ("With", "AsyncWith"):
            bound = [self.bound(node, i.optional_vars) for i in node.items if i.optional_vars]
            return [(bound + node.body, ())]
        if name == "Match":
            return [(case.body, under("case", text(case.pattern))) for case in node.cases]
        return []

    def bound(self, node, target):
        """`for target in ...` as an assignment of something unknown."""
        value = ast.copy_location(ast.Tuple(elts=[], ctx=ast.Load()), node)
        names = ast.Tuple(elts=[target], ctx=ast.Store())
        return ast.copy_location(ast.Assign(targets=[names], value=value), node)


def facts_of_text(text):
    reader = Reader(Source(text))
    body = reader.read(ast.parse(text).body, (), False)
    return {"conditions": reader.conditions, "body": body}


serve(facts_of_text)
