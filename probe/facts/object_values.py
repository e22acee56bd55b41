# uses: narrowing.py
"""What an expression may be, as far as objects are followed that a call gave (object_flow.py).

A value is a set of these tuples; of what is not followed it is empty:

  ("element", call, narrowed, has, lacks)   an object of the mapping that the call gave; what tests
                                            say of its class and of its attributes
  ("mapping", value), ("iterable", value)   of such objects, or of iterables of them
  ("pair", value)                           (anything, value)
  ("gave", read, place, attribute)          what reading an attribute of the object there gave
"""

NOTHING = frozenset()
EMPTY = frozenset()


def given_by(call):
    return frozenset([("mapping", ("element", call, EMPTY, EMPTY, EMPTY))])


def inside(values, *kinds):
    """Of which the values of those kinds are made."""
    return frozenset(value[1] for value in values if value[0] in kinds)


def wrapped(values, kind):
    return frozenset((kind, value) for value in values if value[0] != "gave")


def only(values, *kinds):
    return frozenset(value for value in values if value[0] in kinds)


def joined(left, right):
    """Either of them: of the same call's objects only what holds of both is known."""
    if left == right:
        return left
    elements, others = {}, []
    for value in left | right:
        if value[0] != "element":
            others.append(value)
        elif value[1] in elements:
            pairs = zip(elements[value[1]][2:], value[2:])
            elements[value[1]] = value[:2] + tuple(a & b for a, b in pairs)
        else:
            elements[value[1]] = value
    return frozenset(others) | frozenset(elements.values())


def refined(values, kind, what):
    """With what a test says of them."""
    return frozenset(refined_element(v, kind, what) if v[0] == "element" else v for v in values)


def refined_element(element, kind, what):
    _, call, narrowed, has, lacks = element
    if kind in ("is", "is not"):
        narrowed = narrowed | {(kind == "is", tuple(what))}
    elif kind == "has":
        has = has | {what}
    elif kind == "lacks":
        lacks = lacks | {what}
    return ("element", call, narrowed, has, lacks)


def joined_places(left, right):
    """What is known after either of two ways; a way that ends is None."""
    if left is None or right is None:
        return right if left is None else left
    places = dict(left)
    for key, values in right.items():
        places[key] = joined(places[key], values) if key in places else values
    return places
