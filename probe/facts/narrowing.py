# uses: class_attributes.py
"""What a test says of the objects in it where it holds, or does not (python_objects.py)."""

import ast


def key_of_place(node):
    """Under which a value is remembered: a dotted name, or a plain item of one; else None."""
    name = dotted(node)
    if name is not None or not isinstance(node, ast.Subscript):
        return name
    around = key_of_place(node.value)
    index = node.slice
    if type(index).__name__ == "Index":  # before Python 3.9
        index = index.value
    item = repr(index.value) if isinstance(index, ast.Constant) else dotted(index)
    return None if around is None or item is None else "%s[%s]" % (around, item)


def names_of_classes(node):
    """The dotted names of a class, a tuple or union of them; "" for one that is otherwise."""
    if isinstance(node, ast.Call) and last_part(node.func) == "cast" and len(node.args) == 2:
        return names_of_classes(node.args[1])
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return [name for item in node.elts for name in names_of_classes(item)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return names_of_classes(node.left) + names_of_classes(node.right)
    return [dotted(node) or ""]


def plain_value(node):
    while isinstance(node, ast.NamedExpr):
        node = node.value
    return node


def is_none(node):
    return isinstance(node, ast.Constant) and node.value is None


def called(node, name, count):
    """The arguments of a call of that name with at least so many, or None."""
    if isinstance(node, ast.Call) and is_name(node.func, name) and len(node.args) >= count:
        return node.args
    return None


def getattr_of(node):
    """The object and attribute of `getattr(object, "attribute", ...)`, or None."""
    arguments = called(node, "getattr", 2)
    if arguments and is_string(arguments[1]):
        return arguments[0], arguments[1].value
    return None


def implied(test, truth):
    """[(expression, kind, what), ...] where the test is true, or false.

    kind: "is" and "is not", with names of classes; "has" and "lacks", with an attribute; "something",
    where the expression is not None.
    """
    test = plain_value(test)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return implied(test.operand, not truth)
    if isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) != truth:
            return []  # one of them: which is not known
        return [fact for operand in test.values for fact in implied(operand, truth)]
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return implied_by_comparison(test.left, test.ops[0], test.comparators[0], truth)
    return implied_by_value(test, truth)


def implied_by_comparison(left, operator, right, truth):
    if isinstance(operator, (ast.IsNot, ast.NotEq, ast.NotIn)):
        truth = not truth
    if is_none(right):
        found = getattr_of(plain_value(left))
        if truth and found is not None:
            return [(found[0], "lacks", found[1])]
        return [] if truth else implied_to_be_something(left)
    subject = type_of(left)
    if subject is not None:
        return [(subject, "is" if truth else "is not", names_of_classes(right))]
    return []


def type_of(node):
    """The object of `type(object)` and `object.__class__`, or None."""
    arguments = called(node, "type", 1)
    if arguments:
        return arguments[0]
    if isinstance(node, ast.Attribute) and node.attr == "__class__":
        return node.value
    return None


def implied_by_value(test, truth):
    arguments = called(test, "isinstance", 2) or called(test, "issubclass", 2)
    if arguments:
        subject = arguments[0] if test.func.id == "isinstance" else type_of(arguments[0])
        names = names_of_classes(arguments[1])
        return [(subject, "is" if truth else "is not", names)] if subject is not None else []
    arguments = called(test, "hasattr", 2)
    if arguments and is_string(arguments[1]):
        return [(arguments[0], "has" if truth else "lacks", arguments[1].value)]
    return implied_to_be_something(test) if truth else []  # what is false may be 0


def implied_to_be_something(node):
    node = plain_value(node)
    found = getattr_of(node)
    if found is not None:
        return [(found[0], "has", found[1])]
    return [(node, "something", None)]
