# uses: object_flow.py
"""Turns Python sources into facts about classes, and about attributes that are read of objects which
a call gave in a mapping: whether every class of the objects has these. Nothing is imported.

Run after object_flow.py and what that uses. Facts are one object of arrays:

  classes  [[name, line, bases, attributes, declared, abstract, is_open], ...]; name: "Outer.Inner";
           declared: attributes to which its body gives a type, and nothing a value; abstract: which
           methods in its own body are; open: its instances may have other attributes, too
  calls    [[line, callee, [names, ...], [[keyword, names], ...]], ...]: those whose objects are read;
           the names of an argument are those of the classes that it may be, "" for what is no name
  reads    [[line, function, call, alternatives, kind, [[is_instance, names], ...]], ...]; `call` is
           an index; one of the alternatives is enough; the object is, or is not, an instance of
           one of each of the names. kind: required; optional: something else stands in for it;
           asked: it is there, or its absence is expected
"""

import ast


def facts_of_text(text):
    source = Source(text)
    tree = ast.parse(text)
    flow = ObjectFlow(source)
    flow.block(tree.body, {})
    return {"classes": classes_of(tree, source), **flow.facts()}


serve(facts_of_text)
