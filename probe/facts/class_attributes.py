# uses: conditions.py
"""The classes of a file and what can be asked of their instances (python_objects.py)."""

import ast

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
FUNCTIONS = DEFINITIONS[:2]
# What sets the attribute that its first argument, or `name`, names.
REGISTERS = {"register_buffer", "register_parameter", "register_module", "add_module", "__setattr__"}
ABSTRACT = {"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"}
# Decorators that make attributes of declarations.
DATA = {"dataclass", "define", "frozen", "attrs", "s"}
LOOKUPS = {"__getattr__", "__getattribute__"}


def last_part(node):
    """"c" of `c` and `a().c`, of a call and a subscript of it; "" of anything else."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return getattr(node, "attr", None) or getattr(node, "id", "")


def first_parameter(function):
    """The name by which a method knows its instance, or None."""
    if any(last_part(decorator) == "staticmethod" for decorator in function.decorator_list):
        return None
    parameters = getattr(function.args, "posonlyargs", []) + function.args.args
    return parameters[0].arg if parameters else None


def is_name(node, name):
    return isinstance(node, ast.Name) and node.id == name


def own_nodes(statement):
    """A statement and what is in it, but for the insides of definitions and lambdas, and annotations."""
    todo = [statement]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.AnnAssign):
            todo += [node.value] if node.value is not None else []
        elif not isinstance(node, DEFINITIONS + (ast.Lambda,)):
            todo += ast.iter_child_nodes(node)


class ClassAttributes:
    """What one class's body and methods give its instances."""

    def __init__(self, node):
        self.names = {}  # in the order of the source
        self.is_open = False
        self.declared = {}  # `x: int` in its body sets nothing
        self.is_data = any(last_part(item) in DATA for item in node.decorator_list)
        self.abstract = {}  # methods of which only that there are such is said
        for statement in node.body:
            for inner in own_nodes(statement):
                self.take_body(inner)
        for name in self.names:
            self.declared.pop(name, None)

    def add(self, name):
        self.names.setdefault(name)

    def take_body(self, node):
        if isinstance(node, DEFINITIONS):
            self.add(node.name)
            self.is_open = self.is_open or node.name in LOOKUPS
            if isinstance(node, FUNCTIONS):
                if any(last_part(decorator) in ABSTRACT for decorator in node.decorator_list):
                    self.abstract.setdefault(node.name)
                self.take_method(node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            is_set = self.is_data or node.value is not None
            (self.names if is_set else self.declared).setdefault(node.target.id)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            self.add(node.id)
            if node.id in LOOKUPS:
                self.is_open = True
        elif isinstance(node, ast.alias):
            self.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.Assign) and any(is_name(t, "__slots__") for t in node.targets):
            for item in ast.walk(node.value):
                if is_string(item):
                    self.add(item.value)

    def take_method(self, method):
        instance = first_parameter(method)
        if instance is None:
            return
        declared = set()  # `self.x: int` sets nothing
        for node in ast.walk(method):
            if isinstance(node, ast.AnnAssign) and node.value is None:
                declared.add(node.target)
            elif isinstance(node, ast.Attribute):
                self.take_attribute(node, instance, declared)
            elif isinstance(node, ast.Call):
                self.take_call(node, instance)

    def take_attribute(self, node, instance, declared):
        if is_name(node.value, instance):
            if isinstance(node.ctx, ast.Store) and node not in declared:
                self.add(node.attr)
            elif node.attr == "__dict__":
                self.is_open = True  # whoever has it may set anything

    def take_call(self, node, instance):
        callee = last_part(node.func)
        arguments = list(node.args)
        if callee == "vars" and arguments and is_name(arguments[0], instance):
            self.is_open = True
        if callee == "setattr" or callee in REGISTERS:
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if owner is None or callee == "__setattr__" and is_name(owner, "object"):
                # setattr(self, "x", y), object.__setattr__(self, "x", y)
                owner, arguments = (arguments or [None])[0], arguments[1:]
            if is_name(owner, instance) or is_super(owner):
                self.take_name(arguments, node.keywords)

    def take_name(self, arguments, keywords):
        named = arguments[:1] + [k.value for k in keywords if k.arg == "name"]
        if named and is_string(named[0]):
            self.add(named[0].value)
        else:
            self.is_open = True


def is_super(node):
    return isinstance(node, ast.Call) and is_name(node.func, "super")


def bodies_of(node):
    """The statements directly in a statement."""
    for name in ("body", "orelse", "finalbody"):
        yield from getattr(node, name, ())
    for inner in getattr(node, "handlers", ()):
        yield from inner.body
    for inner in getattr(node, "cases", ()):
        yield from inner.body


def classes_of(tree, source):
    """[[name, line, bases, attributes, declared, abstract,
    is_open], ...] in no order."""
    classes, todo = [], [(tree, "")]
    while todo:
        node, around = todo.pop()
        if isinstance(node, DEFINITIONS):
            around = around + "." + node.name if around else node.name
        if isinstance(node, ast.ClassDef):
            found = ClassAttributes(node)
            bases = [source.text(base) for base in node.bases]
            classes.append([
                around, node.lineno, bases, list(found.names), list(found.declared),
                list(found.abstract), found.is_open,
            ])
        if not isinstance(node, ast.Lambda):
            todo += [(inner, around) for inner in bodies_of(node)]
    return classes
