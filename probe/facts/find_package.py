"""Says where this Python would import packages from. None of them is imported.

Run as `python -I -c THIS_TEXT NAME...` by any Python from 3.8 on; prints one JSON object:

  {"executable": ..., "version": "3.11.7",
   "packages": {NAME: {"folders": [...], "origin": FILE | null} | null},
   "searched": [...]}                the folders in which it looked, in order

-I keeps modules of the current folder away from the imports below, but a program that uses the
package does see PYTHONPATH and the user's own site-packages, so these are looked up here.
"""

import importlib.machinery
import json
import os
import site
import sys


def user_site():
    """The user's site-packages and the folders that its .pth files name."""
    # A virtual environment sees it only where it sees the system's packages.
    visible = sys.prefix == sys.base_prefix or sys.base_prefix in site.PREFIXES
    if not visible or os.environ.get("PYTHONNOUSERSITE"):
        return []
    folder = site.getusersitepackages()
    if not os.path.isdir(folder):
        return []
    found = [folder]
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".pth"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file.read(1 << 16).splitlines()]
        # Lines that begin with "import" would be run by Python. Not here.
        found += [
            os.path.join(folder, line)
            for line in lines
            if line and not line.startswith(("#", "import ", "import\t"))
        ]
    return found


def search_path():
    asked = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    return [os.path.abspath(p) for p in asked + user_site()] + [p for p in sys.path if p]


def find(name, path):
    spec = importlib.machinery.PathFinder.find_spec(name, path)
    if spec is not None:
        return {"folders": list(spec.submodule_search_locations or []), "origin": spec.origin}
    # An editable installation by setuptools maps names to folders in a finder of its own.
    for module_name, module in list(sys.modules.items()):
        mapping = getattr(module, "MAPPING", None)
        if module_name.startswith("__editable___") and name in (mapping or {}):
            folder = str(mapping[name])
            return {"folders": [folder], "origin": os.path.join(folder, "__init__.py")}
    return None


def main():
    path = search_path()
    answer = {
        "executable": sys.executable,
        "version": "%d.%d.%d" % sys.version_info[:3],
        "packages": {name: find(name, path) for name in sys.argv[1:]},
        "searched": path,
    }
    # No lone surrogates: strict JSON readers refuse them, escaped or not.
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))


if sys.version_info < (3, 8):
    raise SystemExit("Python 3.8 or later is needed, this is %d.%d" % sys.version_info[:2])
main()
