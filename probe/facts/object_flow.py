# uses: object_expressions.py
"""Follows objects through the statements of functions, in the order of the source (python_objects.py).

A statement is walked with what is known of places before it and gives what is known after it, or None
where nothing follows. What a loop's body leaves is not carried into its beginning.
"""

import ast

ABSENCE = {"AttributeError", "Exception", "BaseException"}


class ObjectFlow(ObjectExpressions):
    def __init__(self, source):
        super().__init__()
        self.source = source
        self.classes_around = 0

    def block(self, body, places):
        for node in body:
            places = OBJECT_STATEMENTS.get(type(node), ObjectFlow.simple)(self, node, places)
            if places is None:
                return None
        return places

    def simple(self, node, places):
        for child in ast.iter_child_nodes(node):
            self.value(child, places)
        self.take_setattr(node, places)
        return None if is_exit(node) else places

    def take_setattr(self, node, places):
        arguments = called(getattr(node, "value", None), "setattr", 3)
        if arguments and is_string(arguments[1]):
            self.write(arguments[0], arguments[1].value, places)

    def walk_assign(self, node, places):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is None:
            return places
        values = self.value(node.value, places)
        for target in targets:
            self.bind(target, values, places)
        return places

    def walk_augmented(self, node, places):
        self.value(node.value, places)
        if isinstance(node.target, ast.Attribute):
            values = self.value(node.target.value, places)
            self.read(node.target, node.target.value, values, [node.target.attr], "required")
        elif isinstance(node.target, ast.Subscript):
            self.value(node.target, places)
        return places

    def walk_assert(self, node, places):
        self.value(node.test, places)
        for subject, kind, _ in implied(node.test, True):
            if kind != "something":
                continue
            # What getattr gave must not be its default.
            for _, read, _, _ in only(self.value(subject, places), "gave"):
                if self.reads.get(read) == "optional":
                    self.reads[read] = "required"
        return dict(self.after(node.test, True, places))

    def walk_if(self, node, places):
        end = None
        while True:  # an elif is an if in the else: chains of them are long
            self.value(node.test, places)
            if_true = dict(self.after(node.test, True, places))
            end = joined_places(end, self.block(node.body, if_true))
            places = dict(self.after(node.test, False, places))
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                break
            node = node.orelse[0]
        return joined_places(end, self.block(node.orelse, places))

    def walk_while(self, node, places):
        self.value(node.test, places)
        end = self.block(node.body, dict(self.after(node.test, True, places)))
        places = joined_places(places, end)
        return joined_places(places, self.block(node.orelse, dict(places)))

    def walk_for(self, node, places):
        values = self.value(node.iter, places)
        within = dict(places)
        self.bind(node.target, inside(values, "iterable"), within)
        places = joined_places(places, self.block(node.body, within))
        return joined_places(places, self.block(node.orelse, dict(places)))

    def walk_try(self, node, places):
        caught = []
        for handler in node.handlers:
            if not raises(handler.body):
                caught += types_of(handler.type, self.source)
        end = self.expecting(caught, node.body, dict(places))
        before = joined_places(dict(places), end)
        if end is not None:
            end = self.block(node.orelse, end)
        for handler in node.handlers:
            end = joined_places(end, self.block(handler.body, dict(before)))
        last = self.block(node.finalbody, dict(before if end is None else end))
        return None if end is None else last

    def expecting(self, caught, body, places):
        """A block whose failures of those types go no further."""
        is_expected = any(name.rpartition(".")[2] in ABSENCE for name in caught)
        self.expected += is_expected
        end = self.block(body, places)
        self.expected -= is_expected
        return end

    def walk_with(self, node, places):
        caught = []
        for item in node.items:
            context = item.context_expr
            values = self.value(context, places)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, NOTHING, places)
            if isinstance(context, ast.Call) and last_part(context) == "suppress":
                caught += [self.source.text(argument) for argument in context.args]
        end = self.expecting(caught, node.body, dict(places))
        return joined_places(places, end) if caught else end

    def walk_match(self, node, places):
        self.value(node.subject, places)
        after = dict(places)
        for case in node.cases:
            within = dict(places)
            key = key_of_place(node.subject)
            if isinstance(case.pattern, ast.MatchClass) and key in within:
                names = names_of_classes(case.pattern.cls)
                within[key] = refined(within[key], "is", names)
            if case.guard is not None:
                self.value(case.guard, within)
                within = dict(self.after(case.guard, True, within))
            after = joined_places(after, self.block(case.body, within))
        return after

    # Definitions

    def walk_function(self, node, places):
        for part in node.decorator_list + node.args.defaults + node.args.kw_defaults:
            if part is not None:
                self.value(part, places)
        outer = self.function, self.expected
        self.function = self.function + "." + node.name if self.function else node.name
        self.expected = 0
        self.block(node.body, without_parameters(places, node.args))
        self.function, self.expected = outer
        return places

    def walk_class(self, node, places):
        outer = self.function, self.members
        self.function = self.function + "." + node.name if self.function else node.name
        self.members = {}
        self.classes_around += 1
        self.block(node.body, dict(places))
        if self.members and self.classes_around == 1:
            # A method may come before the one that sets what it uses.
            self.block(node.body, dict(places))
        self.classes_around -= 1
        self.function, self.members = outer
        return places

    # Facts

    def facts(self):
        calls, numbers, reads = [], {}, []
        for (line, _, function, call, names, narrowed), kind in self.reads.items():
            if call not in numbers:
                numbers[call] = len(calls)
                calls.append([
                    call.lineno, dotted(call.func), [names_of_classes(a) for a in call.args],
                    [[k.arg or "**", names_of_classes(k.value)] for k in call.keywords],
                ])
            tests = [[is_instance, list(classes)] for is_instance, classes in sorted(narrowed)]
            reads.append([line, function, numbers[call], list(names), kind, tests])
        return {"calls": calls, "reads": reads}


OBJECT_STATEMENTS = by_type({
    "Assign AnnAssign": ObjectFlow.walk_assign, "AugAssign": ObjectFlow.walk_augmented,
    "Assert": ObjectFlow.walk_assert, "If": ObjectFlow.walk_if, "While": ObjectFlow.walk_while,
    "For AsyncFor": ObjectFlow.walk_for, "Try TryStar": ObjectFlow.walk_try,
    "With AsyncWith": ObjectFlow.walk_with, "Match": ObjectFlow.walk_match,
    "FunctionDef AsyncFunctionDef": ObjectFlow.walk_function, "ClassDef": ObjectFlow.walk_class,
})
