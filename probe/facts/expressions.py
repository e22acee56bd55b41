# uses: common.py
"""Expressions of a syntax tree as small trees of arrays, for conditions and uses of a library.

Run after common.py. An expression is one of

  null                                              none
  "a.b.c"                                           a plain or dotted name
  ["constant", text]                                also of a number with its sign
  ["string", text, value]
  ["call", text, callee, [argument, ...], [[keyword, value], ...], [index, ...]]
                                                    "**" for a mapping; which arguments are *starred
  ["all_of", text, [item, ...]]                     and; also of a chain of comparisons
  ["any_of", text, [item, ...]]                     or
  ["negation", text, item]
  ["choice", text, test, if_true, if_false]
  ["comparison", text, operator, left, right]
  ["list", text, [item, ...]]                       of a tuple, list or set
  ["subscript", text, object, subscript]
  ["attribute", text, object, attribute]            of what is no name
  ["other", text]                                   also what nests too deep or has many items

An assignment within an expression stands for its value, `await` for what is awaited.
"""

import ast

TEXT_LIMIT = 300
DEPTH_LIMIT = 12
ITEM_LIMIT = 100
# Calls within calls repeat their texts; of made-up sources this could be without end.
FACTS_LIMIT = 24 << 20

OPERATORS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}


def bounded(text):
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 3] + "..."


class Expressions:
    """Makes expressions of the nodes of one file."""

    def __init__(self, source):
        self.source = source
        self.size = 0  # about, of all that was made
        self.made = {}  # by node: a call is one event, the value that it gives another

    def text(self, node):
        text = self.source.beginning(node, TEXT_LIMIT)
        self.size += 2 * len(text) + 20  # what it is made of may be names
        if self.size > FACTS_LIMIT:
            raise MemoryError
        return text

    def of(self, node, depth=0):
        if node is None:
            return None
        if depth > 0:
            return self.make(node, depth)
        if node not in self.made:
            self.made[node] = self.make(node, depth)
        return self.made[node]

    def make(self, node, depth):
        kind = type(node)
        if kind is ast.Name:
            return node.id
        if kind is ast.Attribute:
            name = dotted(node)
            if name is not None:
                return bounded(name)
        make = self.MAKERS.get(kind)
        if make is None or depth >= DEPTH_LIMIT:
            return ["other", self.text(node)]
        return make(self, node, depth + 1)

    def all_of(self, nodes, depth):
        return [self.of(node, depth) for node in nodes]

    def constant(self, node, depth):
        if isinstance(node.value, str):
            return ["string", self.text(node), bounded(node.value)]
        if node.value is None or isinstance(node.value, bool):
            return ["constant", repr(node.value)]
        return ["constant", self.text(node)]

    def call(self, node, depth):
        starred = [i for i, item in enumerate(node.args) if isinstance(item, ast.Starred)]
        items = [item.value if isinstance(item, ast.Starred) else item for item in node.args]
        return [
            "call", self.text(node), self.of(node.func, depth), self.all_of(items, depth),
            [[keyword.arg or "**", self.of(keyword.value, depth)] for keyword in node.keywords],
            starred,
        ]

    def bool_op(self, node, depth):
        kind = "all_of" if isinstance(node.op, ast.And) else "any_of"
        return [kind, self.text(node), self.all_of(node.values, depth)]

    def unary(self, node, depth):
        if isinstance(node.op, ast.Not):
            return ["negation", self.text(node), self.of(node.operand, depth)]
        kind = "constant" if isinstance(node.operand, ast.Constant) else "other"
        return [kind, self.text(node)]

    def choice(self, node, depth):
        return ["choice", self.text(node), *self.all_of((node.test, node.body, node.orelse), depth)]

    def comparison(self, node, depth):
        text = self.text(node)
        depth += len(node.ops) > 1
        operands = self.all_of([node.left] + node.comparators, depth)
        pairs = [
            ["comparison", text, OPERATORS[type(operator)], left, right]
            for operator, left, right in zip(node.ops, operands, operands[1:])
        ]
        return pairs[0] if len(pairs) == 1 else ["all_of", text, pairs]

    def sequence(self, node, depth):
        if len(node.elts) > ITEM_LIMIT:
            return ["other", self.text(node)]
        return ["list", self.text(node), self.all_of(node.elts, depth)]

    def subscript(self, node, depth):
        index = node.slice
        if type(index).__name__ == "Index":  # before 3.9
            index = index.value
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        # Before 3.9 slices have no place in the source.
        if any(type(part).__name__ in ("Slice", "ExtSlice") for part in parts):
            return ["other", self.text(node)]
        return ["subscript", self.text(node), self.of(node.value, depth), self.of(index, depth)]

    def attribute(self, node, depth):
        return ["attribute", self.text(node), self.of(node.value, depth), node.attr]

    def value(self, node, depth):
        return self.of(node.value, depth)

    MAKERS = {
        ast.Constant: constant, ast.Call: call, ast.BoolOp: bool_op, ast.UnaryOp: unary,
        ast.IfExp: choice, ast.Compare: comparison, ast.Tuple: sequence, ast.List: sequence,
        ast.Set: sequence, ast.Subscript: subscript, ast.Attribute: attribute,
        ast.NamedExpr: value, ast.Await: value,
    }
