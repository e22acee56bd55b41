"""What an engine may call of a kernel library: fusegate's answer, as a dictionary.

One file without dependencies, Python 3.8 or later, for an engine to copy into its tree:

    import fusegate

    offers = fusegate.capabilities("aiter")["ops"].get("dual_rms_norm", [])
    usable = [entry for entry in offers if entry["callable"] and not entry["defects"]]

Nothing of the library is imported: the program `fusegate` reads its files. Where the program is not at
hand, as in production, give the document that it wrote when the image was built
(`fusegate api capabilities --library aiter --json aiter.json`).
"""

import functools
import json
import os
import subprocess
import sys

SCHEMA = "fusegate.capabilities"


class Unavailable(RuntimeError):
    """The capabilities cannot be told; the message says why and how to mend it."""


def _program():
    return os.environ.get("FUSEGATE", "fusegate")


def _ask(library):
    command = [_program(), "api", "capabilities", "--library", library, "--python", sys.executable]
    try:
        run = subprocess.run(command + ["--json", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable("cannot run %s: %s; name the program in FUSEGATE, or give a document" % (command[0], error))
    if run.returncode != 0:
        raise Unavailable(run.stderr.decode("utf-8", "replace").strip() or "fusegate ended with %d" % run.returncode)
    return run.stdout.decode("utf-8")


def _read(document):
    try:
        with open(document, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise Unavailable("cannot read %s: %s" % (document, error))


@functools.lru_cache(maxsize=None)
def capabilities(library="aiter", document=None):
    """The document of `fusegate api capabilities`, asked for once in a process.

    library: a name, found in the environment of this interpreter, or [NAME=]PATH.
    document: a file with the answer, written before; nothing is run then.
    Raises Unavailable.
    """
    text = _read(document) if document is not None else _ask(library)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Unavailable("%s is no JSON document: %s" % (document or "fusegate's answer", error))
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise Unavailable("%s is no document of schema %s" % (document or "fusegate's answer", SCHEMA))
    return found
