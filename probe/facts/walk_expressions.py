# uses: conditions.py
"""Walks over the expressions of a file and notes what may become an event (python_uses.py)."""

import ast

OTHER, DISCARDED, RETURNED, TESTED, CALLED = "other", "discarded", "returned", "tested", "called"


def item_of(target):
    """The name of a target, of none the empty text."""
    return dotted(target.value if isinstance(target, ast.Starred) else target) or ""


def use_by(targets):
    """How an assignment uses its value."""
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            starred = any(isinstance(item, ast.Starred) for item in target.elts)
            count = -1 if starred else len(target.elts)
            return ["unpacked", count, [item_of(item) for item in target.elts]]
    names = [name for name in map(dotted, targets) if name is not None]
    return ["assigned", len(names), names] if names else OTHER


class ExpressionWalker:
    """Visits expressions in the conditions that they are under, with how their value is used."""

    def __init__(self, source, notes):
        self.source = source
        self.notes = notes
        self.root = Under(None, None, 0)
        self.scope = 0

    def inside(self, outer, kind, node, test=None, caught=()):
        if outer.depth >= CONDITION_LIMIT:
            return outer
        return Under(outer, kind, node.lineno, test, caught)

    def visit(self, node, under, use):
        visit = EXPRESSIONS.get(type(node))
        if visit is not None:
            visit(self, node, under, use)
            return
        for field in node._fields:
            value = getattr(node, field)
            if isinstance(value, ast.AST):
                self.visit(value, under, OTHER)
            elif isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item, under, OTHER)

    def nothing(self, node, under, use):
        pass

    def visit_name(self, node, under, use):
        self.notes.name(self.scope, node.lineno, under, node.id, use, node.id)

    def visit_attribute(self, node, under, use):
        name = dotted(node)
        if name is not None:
            self.notes.name(self.scope, node.lineno, under, name, use, key_of(name))
        else:
            self.visit(node.value, under, OTHER)

    def visit_call(self, node, under, use):
        callee = dotted(node.func)
        self.notes.call(self.scope, node.lineno, under, node, callee, use)
        if callee is None:
            self.visit(node.func, under, CALLED)
        for argument in node.args:
            self.visit(argument, under, OTHER)
        for keyword in node.keywords:
            self.visit(keyword.value, under, OTHER)

    def visit_bool_op(self, node, under, use):
        kind = "if_true" if isinstance(node.op, ast.And) else "if_false"
        for operand in node.values[:-1]:
            self.visit(operand, under, TESTED)
            under = self.inside(under, kind, operand, operand)
        self.visit(node.values[-1], under, use)

    def visit_unary(self, node, under, use):
        self.visit(node.operand, under, TESTED if isinstance(node.op, ast.Not) else OTHER)

    def visit_binary(self, node, under, use):
        rights = []
        while isinstance(node, ast.BinOp):  # sums of many are nested on the left
            rights.append(node.right)
            node = node.left
        self.visit(node, under, OTHER)
        for right in reversed(rights):
            self.visit(right, under, OTHER)

    def visit_choice(self, node, under, use):
        self.visit(node.test, under, TESTED)
        self.visit(node.body, self.inside(under, "if_true", node, node.test), use)
        self.visit(node.orelse, self.inside(under, "if_false", node, node.test), use)

    def visit_comparison(self, node, under, use):
        of_none = any(isinstance(c, ast.Constant) and c.value is None for c in node.comparators)
        self.visit(node.left, under, TESTED if of_none else OTHER)
        for comparator in node.comparators:
            self.visit(comparator, under, OTHER)

    def visit_same(self, node, under, use):
        self.visit(node.value, under, use)

    def visit_named(self, node, under, use):
        mentioned = self.value(node.value, under, use_by([node.target]))
        self.bind(node.lineno, [node.target], node.value, under, mentioned)

    def visit_comprehension(self, node, under, use):
        for generator in node.generators:
            over = generator.iter
            mentioned = self.value(over, under, OTHER)
            under = self.inside(under, "in_loop", over, over)
            self.bind(over.lineno, [generator.target], None, under, mentioned, over)
            for test in generator.ifs:
                self.visit(test, under, TESTED)
                under = self.inside(under, "if_true", test, test)
        if isinstance(node, ast.DictComp):
            self.visit(node.key, under, OTHER)
            self.visit(node.value, under, OTHER)
        else:
            self.visit(node.elt, under, OTHER)

    def visit_string(self, node, under, use):
        # Before 3.12 what is inside an f-string has no place in the source.
        todo = [(node, OTHER)]
        while todo:
            part, use = todo.pop()
            name = dotted(part)
            if name is not None:
                self.notes.name(self.scope, node.lineno, under, name, use, key_of(name))
                continue
            called = part.func if isinstance(part, ast.Call) else None
            parts = [(p, CALLED if p is called else OTHER) for p in ast.iter_child_nodes(part)]
            todo += reversed(parts)

    def visit_lambda(self, node, under, use):
        self.defaults(node.args, under)
        outer = self.enter("lambda", "<lambda>", node, under, node.args, [], [])
        self.visit(node.body, self.root, RETURNED)
        self.scope = outer

    def defaults(self, arguments, under):
        for default in arguments.defaults + arguments.kw_defaults:
            if default is not None:
                self.visit(default, under, OTHER)

    def enter(self, kind, name, node, under, arguments, decorators, bases):
        """Begins a scope; the one that it is in."""
        parameters = []
        if arguments is not None:
            parts = arguments.posonlyargs + arguments.args + [arguments.vararg]
            parts += arguments.kwonlyargs + [arguments.kwarg]
            parameters = [part.arg for part in parts if part is not None]
        outer, scopes = self.scope, self.notes.scopes
        around = scopes[outer]["name"]
        scopes.append({
            "kind": kind, "name": around + "." + name if around else name, "parent": outer,
            "under": under, "line": node.lineno, "end_line": node.end_lineno,
            "parameters": parameters, "decorators": decorators, "bases": bases, "global": [],
            "nonlocal": [],
        })
        self.scope = len(scopes) - 1
        return outer

    # What expressions and statements share

    def value(self, node, under, use):
        """Visits an expression; the names that it mentions."""
        outer, self.notes.mentioned = self.notes.mentioned, []
        self.visit(node, under, use)
        mentioned, self.notes.mentioned = self.notes.mentioned, outer
        outer += mentioned
        return mentioned

    def bind(self, line, targets, value, under, mentioned, source=None):
        source = source or value
        names, todo = [], list(reversed(targets))
        while todo:
            target = todo.pop()
            if isinstance(target, (ast.Tuple, ast.List)):
                todo += reversed(target.elts)
                value = None  # an item of it
            elif isinstance(target, ast.Starred):
                todo.append(target.value)
            else:
                name = dotted(target)
                if name is not None:
                    names.append(name)
                else:
                    self.visit(target, under, OTHER)
        if names:
            self.notes.bind(self.scope, line, under, names, value, mentioned, source)


EXPRESSIONS = by_type({
    "Name": ExpressionWalker.visit_name,
    "Attribute": ExpressionWalker.visit_attribute,
    "Call": ExpressionWalker.visit_call,
    "Constant Load Store Del": ExpressionWalker.nothing,
    "BoolOp": ExpressionWalker.visit_bool_op,
    "UnaryOp": ExpressionWalker.visit_unary,
    "BinOp": ExpressionWalker.visit_binary,
    "IfExp": ExpressionWalker.visit_choice,
    "Compare": ExpressionWalker.visit_comparison,
    "Await": ExpressionWalker.visit_same,
    "NamedExpr": ExpressionWalker.visit_named,
    "ListComp SetComp DictComp GeneratorExp": ExpressionWalker.visit_comprehension,
    "Lambda": ExpressionWalker.visit_lambda,
    "JoinedStr TemplateStr": ExpressionWalker.visit_string,
})
