# uses: memory.py
"""What the scripts that turn Python sources into facts share: reading files, cutting text out of
them, and the protocol. A script that begins with the line `# uses: common.py` is run with this text
before its own, by any Python from 3.8 on; standard library only. Nothing of the sources is
imported.

Run as `python -I -S -c TEXTS ROOT`. Standard input is one JSON object:

  {"files": ["pkg/a.py", ...],       below ROOT
   "max_bytes": 16777216}            a larger file is reported, not read

Standard output is lines, in the order of "files":

  {"python": "3.11.7"}                              the first
  {"reading": "pkg/a.py"}                           written out before a file is parsed, so that one
                                                    on which the interpreter dies can be named
  {"facts": "pkg/a.py"}                             its facts follow on a line of their own
  {"file": "pkg/b.py", "problem": KIND, "line": N}  KIND: unreadable, too_large, encoding, syntax,
                                                    too_deep; line only where it is known
  {"done": 2}                                       the last: how many files were parsed

There is one text form, the same from every Python: names come from the syntax tree; everything else
is cut from the source (ast.unparse is not in 3.8 and differs between versions) and put on one line
by one_line(). Messages of the interpreter, which differ between versions, are left out.
"""

import ast
import gc
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
# What one_line() may have to change; where there is nothing of it, it need not take the text apart.
UNTIDY = re.compile(r"""[^\S ]|[\#\\]|\ [\s,)\]}]|,(?!\ )|[(\[{]\ """)


def one_line(text):
    """An expression without comments and line breaks: one space where there was white space and
    after each comma, none inside brackets, no comma before a bracket that closes several items."""
    if not UNTIDY.search(text):
        return text
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
        self.has_walrus = ":=" in text
        # Positions in a tree count UTF-8 bytes within lines that only \n ends.
        self.lines = text.encode("utf-8").split(b"\n")

    def text(self, node):
        return None if node is None else one_line(self.cut(node).decode("utf-8"))

    def beginning(self, node, limit):
        """At most so many characters of the text; "..." after what is left out."""
        cut = self.cut(node)
        # Much of a long one may be white space and comments.
        whole = len(cut) <= 8 * limit
        text = one_line((cut if whole else cut[: 8 * limit]).decode("utf-8", "ignore"))
        return text if whole and len(text) <= limit else text[: limit - 3] + "..."

    def cut(self, node):
        first, last = node.lineno - 1, node.end_lineno - 1
        if first == last:
            return self.lines[first][node.col_offset : node.end_col_offset]
        return b"\n".join(
            [self.lines[first][node.col_offset :]]
            + self.lines[first + 1 : last]
            + [self.lines[last][: node.end_col_offset]]
        )


def dotted(node):
    """"a.b.c" of such an expression, or None."""
    kind = type(node)
    if kind is ast.Name:
        return node.id
    if kind is not ast.Attribute:
        return None
    names = []
    while kind is ast.Attribute:
        names.append(node.attr)
        node = node.value
        kind = type(node)
    if kind is not ast.Name:
        return None
    names.append(node.id)
    return ".".join(reversed(names))


def is_string(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def decode(data):
    """The text as Python reads it: byte-order mark, PEP 263 declaration, universal newlines."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text = data.decode(encoding)
    text.encode("utf-8")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def read_bytes(path, max_bytes):
    """The bytes, or None of a file that is too large. Does not block on a pipe or device."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("not a regular file")
        data = file.read(max_bytes + 1)
    return None if len(data) > max_bytes else data


def facts_of(data, facts_of_text):
    """What facts_of_text makes of one file's bytes, or {"problem": ..., "line": ...}."""
    try:
        text = decode(data)
    except (LookupError, SyntaxError, ValueError):
        return {"problem": "encoding"}
    if "\0" in text:  # versions disagree on what this is
        return {"problem": "syntax", "line": text.count("\n", 0, text.index("\0")) + 1}
    try:
        return facts_of_text(text)
    except SyntaxError as error:
        return {"problem": "syntax", "line": error.lineno}
    except (RecursionError, MemoryError):
        return {"problem": "too_deep"}
    except (OverflowError, ValueError):
        return {"problem": "syntax"}


def emit(fact):
    # No lone surrogates: strict JSON readers refuse them, escaped or not.
    line = json.dumps(fact, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    sys.stdout.buffer.write(line + b"\n")


def serve(facts_of_text):
    """Answers the request on standard input; facts_of_text(text) gives a file's facts."""
    if sys.version_info < (3, 8):
        raise SystemExit("Python 3.8 or later is needed, this is %d.%d" % sys.version_info[:2])
    limit_memory(MEMORY_LIMIT)
    gc.disable()  # syntax trees have no cycles; looking for some takes a third of the time
    root = sys.argv[1]
    request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
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
        emit({"reading": name})
        sys.stdout.buffer.flush()
        parsed += 1
        facts = facts_of(data, facts_of_text)
        if "problem" in facts:
            emit({"file": name, **facts})
        else:
            emit({"facts": name})
            emit(facts)
    emit({"done": parsed})
