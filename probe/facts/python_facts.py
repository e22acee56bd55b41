"""Turns Python sources into facts about the functions they define. Nothing of them is imported.

Run as `python -I -S -c THIS_TEXT ROOT` by any Python from 3.8 on; standard library only. Standard
input is one JSON object:

  {"files": ["pkg/a.py", ...],       below ROOT
   "names": ["f", "Class.f"] | null, the wanted functions and methods; null: all
   "max_bytes": 16777216}            a larger file is reported, not read

Standard output is JSON lines, in the order of "files":

  {"python": "3.11.7"}                              the first line
  {"reading": "pkg/a.py"}                           written out before a file is parsed, so that one
                                                    on which the interpreter dies can be named
  {"file": "pkg/a.py", "definitions": [...]}        only where a wanted one is defined
  {"file": "pkg/b.py", "problem": KIND, "line": N}  KIND: unreadable, too_large, encoding, syntax,
                                                    too_deep; line only where it is known
  {"done": 2}                                       the last line: how many files were parsed

A definition is {name, qualified_name, kind, async, line, end_line, signature, parameters, returns,
decorators, conditions}. Functions within functions are not reachable by name and are left out.

There is one text form, the same from every Python: names come from the syntax tree; defaults,
annotations, decorators and conditions are cut from the source (ast.unparse is not in 3.8 and
differs between versions) and put on one line by one_line(); a signature joins them with the spaces
of PEP 8. Type parameters (`def f[T](...)`) are not part of it. Messages of the interpreter, which
differ between versions, are left out.
"""

import ast
import io
import json
import os
import re
import stat
import sys
import tokenize

# A hostile file may need gigabytes as a syntax tree; better a MemoryError here than a dead machine.
MEMORY_LIMIT = 4 << 30

PIECE = re.compile(
    r'''(?P<string>"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\''''
    r'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')'''
    r"""|(?P<space>(?:\s|\\\n|\#[^\n]*)+)"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)"""
    r"""|(?P<word>[^\s"'\#\\()\[\]{},]+|.)""",
    re.DOTALL,
)


def one_line(text):
    """An expression without comments and line breaks: one space where there was white space and
    after each comma, none inside brackets, no comma before a bracket that closes several items."""
    out = []
    commas = []  # of each open bracket
    space = False
    for match in PIECE.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "space":
            space = True
            continue
        if kind == "close":
            if commas and commas.pop() > 1 and out[-1] == ",":
                out.pop()
        elif kind != "comma" and space and out and out[-1] not in ("(", "[", "{"):
            out.append(" ")
        if kind == "open":
            commas.append(0)
        elif kind == "comma" and commas:
            commas[-1] += 1
        out.append(piece.replace("\n", "\\n") if kind == "string" else piece)
        space = kind == "comma"
    return "".join(out)


class Source:
    """The text of a file, from which syntax tree nodes are cut out again."""

    def __init__(self, text):
        # Positions in a tree count UTF-8 bytes within lines that only \n ends.
        self.lines = [line.encode("utf-8") for line in text.split("\n")]

    def text(self, node):
        if node is None:
            return None
        first, last = node.lineno - 1, node.end_lineno - 1
        if first == last:
            cut = self.lines[first][node.col_offset : node.end_col_offset]
        else:
            cut = b"\n".join(
                [self.lines[first][node.col_offset :]]
                + self.lines[first + 1 : last]
                + [self.lines[last][: node.end_col_offset]]
            )
        return one_line(cut.decode("utf-8"))


def parameters_of(arguments, source):
    found = []

    def add(argument, kind, default=None):
        found.append(
            {
                "name": argument.arg,
                "kind": kind,
                "default": source.text(default),
                "annotation": source.text(argument.annotation),
            }
        )

    positional = arguments.posonlyargs + arguments.args
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    for index, (argument, default) in enumerate(zip(positional, defaults)):
        only = index < len(arguments.posonlyargs)
        add(argument, "positional_only" if only else "positional_or_keyword", default)
    if arguments.vararg:
        add(arguments.vararg, "var_positional")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        add(argument, "keyword_only", default)
    if arguments.kwarg:
        add(arguments.kwarg, "var_keyword")
    return found


def signature_text(parameters, returns):
    stars = {"var_positional": "*", "var_keyword": "**"}
    texts = []
    previous = None
    for parameter in parameters:
        kind = parameter["kind"]
        if previous == "positional_only" and kind != previous:
            texts.append("/")
        if kind == "keyword_only" and previous not in ("keyword_only", "var_positional"):
            texts.append("*")
        text = stars.get(kind, "") + parameter["name"]
        if parameter["annotation"] is not None:
            text += ": " + parameter["annotation"]
        if parameter["default"] is not None:
            text += (" = " if parameter["annotation"] is not None else "=") + parameter["default"]
        texts.append(text)
        previous = kind
    if previous == "positional_only":
        texts.append("/")
    return "(" + ", ".join(texts) + ")" + ("" if returns is None else " -> " + returns)


def describe(node, prefix, conditions, source):
    parameters = parameters_of(node.args, source)
    returns = source.text(node.returns)
    return {
        "name": node.name,
        "qualified_name": prefix + node.name,
        "kind": "method" if prefix else "function",
        "async": isinstance(node, ast.AsyncFunctionDef),
        "line": node.lineno,
        "end_line": node.end_lineno,
        "signature": signature_text(parameters, returns),
        "parameters": parameters,
        "returns": returns,
        "decorators": [source.text(decorator) for decorator in node.decorator_list],
        "conditions": conditions,
    }


def blocks_of(node, source):
    """The statement lists within a statement, each with the condition under which it runs."""

    def under(kind, text=""):
        return [{"kind": kind, "text": text}]

    name = type(node).__name__
    if name in ("If", "While"):
        test = source.text(node.test)
        return [(node.body, under(name.lower(), test)), (node.orelse, under("else", test))]
    if name in ("For", "AsyncFor"):
        over = source.text(node.iter)
        return [(node.body, under("for", over)), (node.orelse, under("else", over))]
    if name in ("Try", "TryStar"):
        caught = [(h.body, under("except", source.text(h.type) or "")) for h in node.handlers]
        return [(node.body, under("try")), *caught, (node.orelse, under("try")), (node.finalbody, [])]
    if name in ("With", "AsyncWith"):
        return [(node.body, [])]
    if name == "Match":
        return [(case.body, under("case", source.text(case.pattern))) for case in node.cases]
    return []


def definitions_of(tree, wanted, source):
    # A stack of its own: a source may nest deeper than Python recurses.
    found = []
    todo = [(tree.body, "", [])]
    while todo:
        body, prefix, conditions = todo.pop()
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if wanted is None or prefix + node.name in wanted:
                    found.append(describe(node, prefix, conditions, source))
            elif isinstance(node, ast.ClassDef):
                todo.append((node.body, prefix + node.name + ".", conditions))
            else:
                for block, more in blocks_of(node, source):
                    todo.append((block, prefix, conditions + more))
    return sorted(found, key=lambda definition: definition["line"])


def decode(data):
    """The text as Python reads it: byte-order mark, PEP 263 declaration, universal newlines."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text = data.decode(encoding)
    text.encode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_bytes(path, max_bytes):
    """The bytes, or None of a file that is too large. Does not block on a pipe or device."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("not a regular file")
        data = file.read(max_bytes + 1)
    return None if len(data) > max_bytes else data


def facts_of(data, wanted):
    """{"definitions": [...]} or {"problem": ..., "line": ...} of one file's bytes."""
    try:
        text = decode(data)
    except (LookupError, SyntaxError, ValueError):
        return {"problem": "encoding"}
    if "\0" in text:  # versions disagree on what this is
        return {"problem": "syntax", "line": text.count("\n", 0, text.index("\0")) + 1}
    try:
        tree = ast.parse(text)
        return {"definitions": definitions_of(tree, wanted, Source(text))}
    except SyntaxError as error:
        return {"problem": "syntax", "line": error.lineno}
    except (RecursionError, MemoryError):
        return {"problem": "too_deep"}
    except (OverflowError, ValueError):
        return {"problem": "syntax"}


def emit(fact):
    # No lone surrogates: strict JSON readers refuse them, escaped or not.
    line = json.dumps(fact, ensure_ascii=False).encode("utf-8", "replace")
    sys.stdout.buffer.write(line + b"\n")


def limit_memory():
    try:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard == resource.RLIM_INFINITY or hard > MEMORY_LIMIT:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, hard))
    except (ImportError, OSError, ValueError):
        pass  # a guard, not a need


def main():
    limit_memory()
    root = sys.argv[1]
    request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    wanted = None if request["names"] is None else set(request["names"])
    # A file without the bytes `def NAME` is not parsed: that is nearly all of a large library.
    mention = rb"def(?:\s|\\)"
    if wanted is not None:
        last = sorted({name.rpartition(".")[2] for name in wanted})
        mention += rb"+(?:" + b"|".join(re.escape(n).encode("utf-8") for n in last) + rb")\b"
    mention = re.compile(mention)
    emit({"python": "%d.%d.%d" % sys.version_info[:3]})
    parsed = 0
    for name in request["files"]:
        if name.startswith("/") or ".." in name.split("/"):
            raise SystemExit("not below the root: " + name)
        try:
            data = read_bytes(os.path.join(root, name), request["max_bytes"])
        except OSError:
            emit({"file": name, "problem": "unreadable"})
            continue
        if data is None:
            emit({"file": name, "problem": "too_large"})
            continue
        if not mention.search(data):
            continue
        emit({"reading": name})
        sys.stdout.buffer.flush()
        parsed += 1
        facts = facts_of(data, wanted)
        if facts.get("definitions") != []:
            emit({"file": name, **facts})
    emit({"done": parsed})


if sys.version_info < (3, 8):
    raise SystemExit("Python 3.8 or later is needed, this is %d.%d" % sys.version_info[:2])
main()
