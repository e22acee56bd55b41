# uses: memory.py
"""Imports one package and tells how that went. Unlike the other scripts this one runs the library.

Run as `python -c TEXTS ROOT PACKAGE MEMORY_BYTES`, after memory.py, by the interpreter of the environment under
test, Python 3.8 or later; standard library only. What the package prints goes to standard error.
Standard output is one JSON object:

  {"python": "3.11.7", "seconds": 1.25, "imported": true, "file": "/x/pkg/__init__.py",
   "names": [...],                  of the package's namespace, without those between underscores
   "error": null | {"type": "ImportError", "message": ..., "file": ..., "line": N, "causes": [...]},
                                    the file and line that raised it; causes are the exceptions
                                    that led to it, as "Type: message"
   "libraries": [...]}              shared libraries that are mapped afterwards

A package that ends the interpreter leaves no object; one that hangs is killed from outside.
"""

import importlib
import json
import os
import sys
import time
import traceback

TEXT_LIMIT = 2000


def message_of(error):
    try:
        return str(error)[:TEXT_LIMIT]
    except BaseException as another:  # whatever the package's own __str__ does
        return "(its text cannot be made: %s)" % type(another).__name__


def text_of(error):
    return "%s: %s" % (type(error).__name__, message_of(error))


def describe(error):
    causes = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < 8:
        causes.append(text_of(cause))
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)
    # The import machinery is between the line that imports and the one that fails.
    own = [frame for frame in frames if not frame.filename.startswith("<")]
    last = own[-1] if own else None
    return {
        "type": type(error).__name__,
        "message": message_of(error),
        "file": last.filename if last else None,
        "line": last.lineno if last else None,
        "causes": causes,
    }


def mapped_libraries():
    found = set()
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            for line in maps:
                path = line.rstrip("\n").partition("/")
                if path[1] and ".so" in os.path.basename(path[2]):
                    found.add("/" + path[2])
    except OSError:
        pass
    return sorted(found)


def main():
    root, package, memory = sys.argv[1:4]
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_memory(int(memory))
    sys.argv = [""]
    # Not from the folder in which this happens to be started.
    sys.path[:] = [root] + [folder for folder in sys.path if folder not in ("", root)]
    fact = {"python": "%d.%d.%d" % sys.version_info[:3], "imported": True, "file": None, "names": [],
            "error": None}
    start = time.monotonic()
    try:
        module = importlib.import_module(package)
        fact["file"] = getattr(module, "__file__", None)
        fact["names"] = sorted(name for name in vars(module) if not name.startswith("__"))
    except BaseException as error:  # SystemExit and KeyboardInterrupt are answers, too
        fact["imported"] = False
        fact["error"] = describe(error)
    fact["seconds"] = time.monotonic() - start
    fact["libraries"] = mapped_libraries()
    # No lone surrogates: strict JSON readers refuse them, escaped or not.
    answer.write(json.dumps(fact, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    answer.close()
    sys.stderr.flush()
    # What the package left running, or would do at its end, is not waited for.
    os._exit(0)


main()
