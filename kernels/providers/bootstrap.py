# fusegate runs this text: python -c TEXT FILES CONFIG. FILES is JSON, {name: source} of the package fusegate_worker.
import sys

if sys.path and sys.path[0] == "":
    del sys.path[0]  # what lies where fusegate was called is no part of the environment under test

import importlib.abc
import importlib.util
import json
import runpy

PACKAGE = "fusegate_worker"


class Bundle(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Modules of a package that travels inside another program."""

    def __init__(self, files):
        self._files = files

    def _file_of(self, name):
        if name == PACKAGE:
            return "__init__.py"
        if name == "__main__":
            return "__main__.py"
        package, _, module = name.rpartition(".")
        return module + ".py" if package == PACKAGE and module + ".py" in self._files else None

    def find_spec(self, name, path=None, target=None):
        file = self._file_of(name)
        if file is None or name == "__main__":
            return None
        return importlib.util.spec_from_loader(name, self, origin=PACKAGE + "/" + file, is_package=name == PACKAGE)

    def is_package(self, name):
        return name == PACKAGE

    def get_source(self, name):
        return self._files[self._file_of(name)]

    def get_code(self, name):
        return self.source_to_code(self.get_source(name), PACKAGE + "/" + self._file_of(name))


sys.meta_path.insert(0, Bundle(json.loads(sys.argv[1])))
sys.argv = [PACKAGE] + sys.argv[2:]
runpy.run_module(PACKAGE, run_name="__main__")
