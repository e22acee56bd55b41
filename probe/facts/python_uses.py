# uses: relevance.py
"""Turns Python sources into facts about what they do with names, inside functions, too: for finding
the uses of a library in an engine. Nothing of them is imported.

Run after relevance.py and what that uses. Facts are one object of arrays:

  scopes      [[kind, name, parent, under, line, end_line, parameters, decorators, bases, global,
              nonlocal], ...]; kind: module, function, class, lambda; the first is the module, of
              which only kind counts; `under` holds around the definition, within the parent
  conditions  [[outer, kind, line, test, caught], ...]: a tree; the number of a condition is its index
              plus 1, `outer` is the number of the one around it, 0: none. kind: if_true, if_false,
              in_try, in_except, in_loop, in_case
  events      [[kind, scope, line, under, ...], ...] in the order of the source
              ["import", ..., module, bound_as]
              ["from", ..., level, module, name, bound_as]
              ["bind", ..., targets, value]
              ["call", ..., call, use]
              ["name", ..., name, use]
              ["return", ..., value]

Values, tests and calls are expressions (expressions.py). A use is a kind (other, discarded, assigned,
unpacked, returned, tested, called) or, of assigned and unpacked, [kind, count, names].
Which events there are relevance.py says. Annotations are left out.
"""

import ast

# Further conditions inside so many are left out: no person wrote them.
CONDITION_LIMIT = 200

OTHER, DISCARDED, RETURNED, TESTED, CALLED = "other", "discarded", "returned", "tested", "called"

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


class Walker:
    """Walks over a syntax tree and notes what may become an event (relevance.py).

    A statement is walked in the conditions that it is under and gives those that what follows it is
    under, or None where nothing follows.
    """

    def __init__(self, source, notes):
        self.source = source
        self.notes = notes
        self.root = Under(None, None, 0)
        self.scope = 0

    def inside(self, outer, kind, node, test=None, caught=()):
        if outer.depth >= CONDITION_LIMIT:
            return outer
        return Under(outer, kind, node.lineno, test, caught)

    def block(self, body, under):
        leaves = False
        for node in body:
            end = STATEMENTS.get(type(node), Walker.simple)(self, node, under)
            if end is None:
                leaves = True
            else:
                under = end
        return None if leaves else under

    def simple(self, node, under):
        for child in ast.iter_child_nodes(node):
            self.visit(child, under, OTHER)
        return None if is_exit(node) else under

    # Statements

    def walk_expr(self, node, under):
        self.visit(node.value, under, DISCARDED)
        return None if is_exit(node) else under

    def walk_return(self, node, under):
        if node.value is not None:
            mentioned = self.value(node.value, under, RETURNED)
            self.notes.returned(self.scope, node, under, mentioned)
        return None

    def walk_assign(self, node, under):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None:
            mentioned = self.value(node.value, under, use_by(targets))
            self.bind(node.lineno, targets, node.value, under, mentioned)
        return under

    def walk_augmented(self, node, under):
        mentioned = self.value(node.value, under, OTHER)
        self.bind(node.lineno, [node.target], None, under, mentioned)
        return under

    def walk_delete(self, node, under):
        self.bind(node.lineno, node.targets, None, under, [])
        return under

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

    def walk_import(self, node, under):
        for alias in node.names:
            bound_as = alias.asname or alias.name.split(".")[0]
            self.notes.imported(alias.name, bound_as)
            self.notes.event(["import", self.scope, node.lineno, under, alias.name, bound_as])
        return under

    def walk_from(self, node, under):
        module = node.module or ""
        for alias in node.names:
            bound_as = alias.asname or alias.name
            self.notes.imported("." * node.level + module, bound_as, alias.name)
            self.notes.event(
                ["from", self.scope, node.lineno, under, node.level, module, alias.name, bound_as]
            )
        return under

    def walk_global(self, node, under):
        kind = "global" if isinstance(node, ast.Global) else "nonlocal"
        self.notes.scopes[self.scope][kind] += node.names
        return under

    def walk_assert(self, node, under):
        self.visit(node.test, under, TESTED)
        if node.msg is not None:
            self.visit(node.msg, self.inside(under, "if_false", node, node.test), OTHER)
        return self.inside(under, "if_true", node, node.test)

    def walk_if(self, node, under):
        ends = []
        while True:  # an elif is an if in the else: chains of them are long
            self.visit(node.test, under, TESTED)
            ends.append(self.block(node.body, self.inside(under, "if_true", node, node.test)))
            under = self.inside(under, "if_false", node, node.test)
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                break
            node = node.orelse[0]
        ends.append(self.block(node.orelse, under))
        ends = [end for end in ends if end is not None]
        return common_outer(ends) if ends else None

    def walk_while(self, node, under):
        self.visit(node.test, under, TESTED)
        self.block(node.body, self.inside(under, "if_true", node, node.test))
        self.block(node.orelse, self.inside(under, "if_false", node, node.test))
        return under

    def walk_for(self, node, under):
        mentioned = self.value(node.iter, under, OTHER)
        within = self.inside(under, "in_loop", node, node.iter)
        self.bind(node.lineno, [node.target], None, within, mentioned, node.iter)
        self.block(node.body, within)
        self.block(node.orelse, under)
        return under

    def walk_try(self, node, under):
        caught = []
        for handler in node.handlers:
            if not raises(handler.body):
                caught += types_of(handler.type, self.source)
        within = self.inside(under, "in_try", node, None, caught) if caught else under
        ends = [self.block(node.body, within)]
        for handler in node.handlers:
            types = types_of(handler.type, self.source)
            after = self.inside(under, "in_except", node, None, types)
            if handler.type is not None:
                self.visit(handler.type, under, OTHER)
            ends.append(self.block(handler.body, after))
        if self.block(node.orelse, under) is None:
            ends[0] = None
        if self.block(node.finalbody, under) is None:
            return None
        return under if any(end is not None for end in ends) else None

    def walk_with(self, node, under):
        outside = under
        for item in node.items:
            context = item.context_expr
            mentioned = self.value(context, under, OTHER)
            if item.optional_vars is not None:
                self.bind(node.lineno, [item.optional_vars], None, under, mentioned)
            if isinstance(context, ast.Call):
                name = dotted(context.func) or ""
                if name.split(".")[-1] == "suppress" and context.args:
                    caught = [self.source.text(item) for item in context.args]
                    under = self.inside(under, "in_try", node, None, caught)
        end = self.block(node.body, under)
        return end if under is outside else outside

    def walk_match(self, node, under):
        self.visit(node.subject, under, OTHER)
        for case in node.cases:
            within = self.inside(under, "in_case", case.pattern, (node.subject, case.pattern))
            self.simple(case.pattern, under)
            if case.guard is not None:
                self.visit(case.guard, within, TESTED)
                within = self.inside(within, "if_true", case.pattern, case.guard)
            self.block(case.body, within)
        return under

    # Definitions

    def walk_function(self, node, under):
        self.decorators(node, under)
        self.defaults(node.args, under)
        texts = [self.source.text(decorator) for decorator in node.decorator_list]
        outer = self.enter("function", node.name, node, under, node.args, texts, [])
        self.block(node.body, self.root)
        self.scope = outer
        return under

    def walk_class(self, node, under):
        self.decorators(node, under)
        for part in node.bases + [keyword.value for keyword in node.keywords]:
            self.visit(part, under, OTHER)
        texts = [self.source.text(decorator) for decorator in node.decorator_list]
        bases = [self.source.text(base) for base in node.bases]
        outer = self.enter("class", node.name, node, under, None, texts, bases)
        self.block(node.body, self.root)
        self.scope = outer
        return under

    def visit_lambda(self, node, under, use):
        self.defaults(node.args, under)
        outer = self.enter("lambda", "<lambda>", node, under, node.args, [], [])
        self.visit(node.body, self.root, RETURNED)
        self.scope = outer

    def decorators(self, node, under):
        for decorator in node.decorator_list:
            self.visit(decorator, under, OTHER)

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

    # Expressions

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
        self.notes.name(self.scope, node.lineno, under, node.id, use)

    def visit_attribute(self, node, under, use):
        name = dotted(node)
        if name is not None:
            self.notes.name(self.scope, node.lineno, under, name, use)
        else:
            self.visit(node.value, under, OTHER)

    def visit_call(self, node, under, use):
        self.notes.call(self.scope, node.lineno, under, node, use)
        if dotted(node.func) is None:
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
                self.notes.name(self.scope, node.lineno, under, name, use)
                continue
            called = part.func if isinstance(part, ast.Call) else None
            parts = [(p, CALLED if p is called else OTHER) for p in ast.iter_child_nodes(part)]
            todo += reversed(parts)


def by_type(handlers):
    """With the types that this Python has."""
    return {getattr(ast, name): handler for names, handler in handlers.items()
            for name in names.split() if hasattr(ast, name)}


STATEMENTS = by_type({
    "Expr": Walker.walk_expr, "Return": Walker.walk_return,
    "Assign AnnAssign": Walker.walk_assign, "AugAssign": Walker.walk_augmented,
    "Delete": Walker.walk_delete, "Import": Walker.walk_import, "ImportFrom": Walker.walk_from,
    "Global Nonlocal": Walker.walk_global, "Assert": Walker.walk_assert, "If": Walker.walk_if,
    "While": Walker.walk_while, "For AsyncFor": Walker.walk_for,
    "Try TryStar": Walker.walk_try, "With AsyncWith": Walker.walk_with,
    "Match": Walker.walk_match, "FunctionDef AsyncFunctionDef": Walker.walk_function,
    "ClassDef": Walker.walk_class,
})
EXPRESSIONS = by_type({
    "Name": Walker.visit_name, "Attribute": Walker.visit_attribute, "Call": Walker.visit_call,
    "Constant Load Store Del": Walker.nothing, "BoolOp": Walker.visit_bool_op,
    "UnaryOp": Walker.visit_unary, "BinOp": Walker.visit_binary, "IfExp": Walker.visit_choice,
    "Compare": Walker.visit_comparison, "Await": Walker.visit_same, "NamedExpr": Walker.visit_named,
    "ListComp SetComp DictComp GeneratorExp": Walker.visit_comprehension,
    "Lambda": Walker.visit_lambda, "JoinedStr TemplateStr": Walker.visit_string,
})


def facts_of_text(text):
    source = Source(text)
    notes = Notes(source)
    walker = Walker(source, notes)
    walker.block(ast.parse(text).body, walker.root)
    return notes.facts()


serve(facts_of_text)
