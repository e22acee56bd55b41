# uses: relevance.py
"""The conditions that statements are under, and what ends a block (python_uses.py)."""

import ast

# Further conditions inside so many are left out: no person wrote them.
CONDITION_LIMIT = 200

EXITS = ("sys.exit", "os._exit")


class Under:
    """A condition and those around it. Numbered when an event needs it: most are never used."""

    __slots__ = ("outer", "depth", "kind", "line", "test", "caught", "number")

    def __init__(self, outer, kind, line, test=None, caught=()):
        self.outer, self.kind, self.line, self.test, self.caught = outer, kind, line, test, caught
        self.depth = outer.depth + 1 if outer else 0
        self.number = None if outer else 0


def common_outer(ends):
    """The innermost condition that all of them are under."""
    first = ends[0]
    for other in ends[1:]:
        while first is not other:
            if first.depth >= other.depth:
                first = first.outer
            else:
                other = other.outer
    return first


def is_exit(node):
    """Whether a statement never ends in the next one."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return dotted(node.value.func) in EXITS
    return isinstance(node, (ast.Return, ast.Raise, ast.Continue, ast.Break))


def raises(body):
    """Whether a handler always ends with an exception."""
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and raises(last.body) and raises(last.orelse)
    if isinstance(last, (ast.With, ast.AsyncWith)):
        return raises(last.body)
    return isinstance(last, ast.Raise) or isinstance(last, ast.Expr) and is_exit(last)


def types_of(node, source):
    """The names of what `except NODE` catches."""
    if node is None:
        return ["BaseException"]
    return [source.text(item) for item in (node.elts if isinstance(node, ast.Tuple) else [node])]


def by_type(handlers):
    """With the types that this Python has."""
    return {getattr(ast, name): handler for names, handler in handlers.items()
            for name in names.split() if hasattr(ast, name)}
