# uses: walk_expressions.py
"""Turns Python sources into facts about what they do with names, inside functions, too: for finding
the uses of a library in an engine. Nothing of them is imported.

Run after walk_expressions.py and what that uses. Facts are one object of arrays:

  scopes      [[kind, name, parent, under, line, end_line, parameters, decorators, bases, global,
              nonlocal], ...]; kind: module, function, class, lambda; the first is the module, of
              which only kind counts; `under` holds around the definition, within the parent
  conditions  [[outer, kind, line, test, caught], ...]: a tree; the number of a condition is its index
              plus 1, `outer` is the number of the one around it, 0: none. kind: if_true, if_false,
              in_try, in_except, in_loop, in_case, asserted
  events      [[kind, scope, line, under, ...], ...] in the order of the source
              ["import", ..., module, alias]; alias "": the module's first name is bound
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


class Walker(ExpressionWalker):
    """Walks over a file's statements and notes what may become an event (relevance.py).

    A statement is walked in the conditions that it is under and gives those that what follows it is
    under, or None where nothing follows.
    """

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

    def walk_import(self, node, under):
        for alias in node.names:
            self.notes.imported(alias.name, alias.asname or alias.name.split(".")[0])
            self.notes.event(["import", self.scope, node.lineno, under, alias.name, alias.asname or ""])
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
        if self.scope != 0:  # of the module's own names it says nothing
            self.notes.scopes[self.scope][kind] += node.names
        return under

    def walk_assert(self, node, under):
        self.visit(node.test, under, TESTED)
        if node.msg is not None:
            self.visit(node.msg, self.inside(under, "if_false", node, node.test), OTHER)
        return self.inside(under, "asserted", node, node.test)

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

    def decorators(self, node, under):
        for decorator in node.decorator_list:
            self.visit(decorator, under, OTHER)


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


def facts_of_text(text):
    source = Source(text)
    notes = Notes(source)
    walker = Walker(source, notes)
    walker.block(ast.parse(text).body, walker.root)
    return notes.facts()


serve(facts_of_text)
