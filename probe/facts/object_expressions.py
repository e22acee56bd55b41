# uses: object_values.py
"""Follows objects through expressions and notes which attributes are read (object_flow.py)."""

import ast
import re

# Give what they are given, as an iterable or a mapping.
PASS_ON = {"list", "tuple", "sorted", "iter", "reversed", "set", "frozenset", "deque", "tqdm", "copy",
           "deepcopy"}
FIRST_OF = {"next", "min", "max"}
# Of more ways through a function than these no more are told apart.
READ_LIMIT = 20000


class ObjectExpressions:
    """Values of expressions, by the values of places that are known there."""

    def __init__(self):
        self.reads = {}  # kind by (line, column, function, call, alternatives, narrowed)
        self.function = ""
        self.expected = 0  # how many tries around take an AttributeError
        self.line = 0  # of the f-string around: before 3.12 what is inside has no place
        self.is_quiet = False
        self.members = {}  # of the class around: self.x

    def value(self, node, places):
        handler = OBJECT_EXPRESSIONS.get(type(node))
        if handler is not None:
            return handler(self, node, places)
        for child in ast.iter_child_nodes(node):
            self.value(child, places)
        return NOTHING

    def nothing(self, node, places):
        return NOTHING

    def name(self, node, places):
        return places.get(node.id, NOTHING)

    def known(self, node, places):
        """Of a place that was set or tested, or None."""
        key = key_of_place(node)
        if key in places:
            return places[key]
        return self.members.get(key)

    def attribute(self, node, places):
        values = self.value(node.value, places)
        gave = NOTHING
        if isinstance(node.ctx, ast.Load):
            gave = self.read(node, node.value, values, [node.attr], "required")
        known = self.known(node, places)
        return gave if known is None else known

    def subscript(self, node, places):
        values = self.value(node.value, places)
        self.value(node.slice, places)
        known = self.known(node, places)
        if known is not None:
            return known
        if isinstance(node.slice, ast.Slice):
            return only(values, "iterable")
        return inside(values, "mapping", "iterable", "pair")

    def read(self, node, subject, values, alternatives, kind):
        """Notes it; what it gives."""
        gave = []
        for element in () if self.is_quiet else values:
            if element[0] != "element" or len(self.reads) >= READ_LIMIT:
                continue
            _, call, narrowed, has, lacks = element
            is_asked = self.expected > 0 or not has.isdisjoint(alternatives)
            names = tuple(alternatives + sorted(lacks.difference(alternatives)))
            line = self.line or node.lineno
            key = (line, node.col_offset, self.function, call, names, narrowed)
            self.reads[key] = "asked" if is_asked else kind
            gave.append(("gave", key, key_of_place(subject), alternatives[0]))
        return frozenset(gave)

    # Calls

    def call(self, node, places):
        function = node.func
        found = getattr_of(node)
        if found is not None:
            kind = "required" if len(node.args) == 2 else "optional"
            values = self.value(found[0], places)
            self.arguments(node, places)
            return self.read(node, found[0], values, [found[1]], kind)
        if isinstance(function, ast.Attribute):
            gave = self.method(node, self.value(function.value, places))
            if gave is not None:
                self.arguments(node, places)
                return gave
        if not isinstance(function, ast.Name):
            self.value(function, places)
        values = self.arguments(node, places)
        return self.builtin(last_part(function), node, values)

    def arguments(self, node, places):
        """Of the positional ones."""
        values = [self.value(argument, places) for argument in node.args]
        for keyword in node.keywords:
            self.value(keyword.value, places)
        return values

    def method(self, node, owner):
        """Of what is followed, or None."""
        name = node.func.attr
        if name == "copy" and only(owner, "mapping", "iterable"):
            return only(owner, "mapping", "iterable")
        if not only(owner, "mapping"):
            return None
        values = inside(owner, "mapping")
        if name in ("get", "pop"):
            return values
        if name == "values":
            return wrapped(values, "iterable")
        if name in ("items", "popitem"):
            pairs = wrapped(values, "pair")
            return pairs if name == "popitem" else wrapped(pairs, "iterable")
        return NOTHING

    def builtin(self, name, node, arguments):
        first = arguments[0] if arguments else NOTHING
        if name == "cast" and len(node.args) == 2:
            names = names_of_classes(node.args[0])
            return arguments[1] if "Any" in names else refined(arguments[1], "is", names)
        if name in PASS_ON:
            return only(first, "iterable", "element") or NOTHING
        if name in FIRST_OF:
            return inside(first, "iterable")
        if name == "enumerate":
            return wrapped(wrapped(inside(first, "iterable"), "pair"), "iterable")
        if name in ("dict", "OrderedDict") and arguments:
            pairs = inside(inside(first, "iterable"), "pair")
            return only(first, "mapping") | wrapped(pairs, "mapping")
        return given_by(node) if dotted(node.func) else NOTHING

    # What tests a part before the others

    def bool_op(self, node, places):
        chain = self.alternatives(node, places)
        if chain is not None:
            return chain
        gave = NOTHING
        for operand in node.values:
            gave = joined(gave, self.value(operand, places))
            places = self.after(operand, isinstance(node.op, ast.And), places)
        return gave

    def alternatives(self, node, places):
        """Of `getattr(x, "a", None) or x.b`: either of them will do."""
        names, subject = [], None
        for operand in node.values:
            operand = plain_value(operand)
            found = getattr_of(operand)
            is_last = operand is plain_value(node.values[-1])
            if found is None and is_last and isinstance(operand, ast.Attribute):
                found = operand.value, operand.attr
            elif found is None or len(operand.args) == 2 and not is_last:
                return None
            key = key_of_place(found[0])
            if key is None or subject is not None and key != key_of_place(subject):
                return None
            subject = found[0]
            names.append(found[1])
        if isinstance(node.op, ast.And):
            return None
        has_default = isinstance(operand, ast.Call) and len(operand.args) > 2
        kind = "optional" if has_default else "required"
        return self.read(node, subject, self.value(subject, places), names, kind)

    def choice(self, node, places):
        self.value(node.test, places)
        if_true = self.value(node.body, self.after(node.test, True, places))
        return joined(if_true, self.value(node.orelse, self.after(node.test, False, places)))

    def after(self, test, truth, places):
        """The places where the test is true, or false."""
        facts = implied(test, truth)
        if not facts:
            return places
        places = dict(places)
        for subject, kind, what in facts:
            key = key_of_place(subject)
            if key is None:
                continue
            was_quiet, self.is_quiet = self.is_quiet, True
            values = self.value(subject, places)
            self.is_quiet = was_quiet
            if kind == "something":
                self.note_something(values, places)
            elif only(values, "element"):
                places[key] = refined(values, kind, what)
        return places

    def note_something(self, values, places):
        """What getattr gave is no default: the attribute is there."""
        for _, _, place, attribute in only(values, "gave"):
            if place in places:
                places[place] = refined(places[place], "has", attribute)

    # What binds

    def named(self, node, places):
        values = self.value(node.value, places)
        self.bind(node.target, values, places)
        return values

    def same(self, node, places):
        return self.value(node.value, places)

    def binary(self, node, places):
        while isinstance(node, ast.BinOp):  # sums of many are nested on the left
            self.value(node.right, places)
            node = node.left
        self.value(node, places)
        return NOTHING

    def string(self, node, places):
        outer, self.line = self.line, self.line or node.lineno
        for part in ast.iter_child_nodes(node):
            self.value(part, places)
        self.line = outer
        return NOTHING

    def function_value(self, node, places):
        self.value(node.body, without_parameters(places, node.args))
        return NOTHING

    def comprehension(self, node, places):
        places = dict(places)
        for generator in node.generators:
            values = self.value(generator.iter, places)
            self.bind(generator.target, inside(values, "iterable"), places)
            for test in generator.ifs:
                self.value(test, places)
                places = dict(self.after(test, True, places))
        if isinstance(node, ast.DictComp):
            self.value(node.key, places)
            return wrapped(self.value(node.value, places), "mapping")
        return wrapped(self.value(node.elt, places), "iterable")

    def bind(self, target, values, places):
        if isinstance(target, (ast.Tuple, ast.List)):
            parts = target.elts
            for index, part in enumerate(parts):
                is_second = len(parts) == 2 and index == 1
                self.bind(part, inside(values, "pair") if is_second else NOTHING, places)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, NOTHING, places)
        elif isinstance(target, ast.Attribute):
            self.write(target.value, target.attr, places)
        elif isinstance(target, ast.Subscript):
            self.value(target.value, places)
            self.value(target.slice, places)
        key = key_of_place(target)
        if key is not None:
            self.remember(key, values, places)

    def remember(self, key, values, places):
        word = re.compile(r"\b%s\b" % re.escape(key))
        for other in [k for k in places if ("[" in k or "." in k) and word.search(k)]:
            del places[other]
        places[key] = values
        if key.startswith("self.") and values:
            self.members[key] = joined(self.members.get(key, NOTHING), values)

    def write(self, subject, attribute, places):
        """From then on the object has it."""
        values = self.value(subject, places)
        key = key_of_place(subject)
        if key is not None and only(values, "element"):
            places[key] = refined(values, "has", attribute)


def without_parameters(places, arguments):
    parts = getattr(arguments, "posonlyargs", []) + arguments.args + arguments.kwonlyargs
    names = {part.arg for part in parts + [arguments.vararg, arguments.kwarg] if part is not None}
    return {key: values for key, values in places.items()
            if re.split(r"[.\[]", key, maxsplit=1)[0] not in names}


OBJECT_EXPRESSIONS = {
    ast.Name: ObjectExpressions.name, ast.Attribute: ObjectExpressions.attribute,
    ast.Subscript: ObjectExpressions.subscript, ast.Call: ObjectExpressions.call,
    ast.BoolOp: ObjectExpressions.bool_op, ast.IfExp: ObjectExpressions.choice,
    ast.NamedExpr: ObjectExpressions.named, ast.Await: ObjectExpressions.same,
    ast.Starred: ObjectExpressions.same, ast.BinOp: ObjectExpressions.binary,
    ast.JoinedStr: ObjectExpressions.string, ast.Lambda: ObjectExpressions.function_value,
    ast.ListComp: ObjectExpressions.comprehension, ast.SetComp: ObjectExpressions.comprehension,
    ast.GeneratorExp: ObjectExpressions.comprehension, ast.DictComp: ObjectExpressions.comprehension,
    ast.Constant: ObjectExpressions.nothing,
}
