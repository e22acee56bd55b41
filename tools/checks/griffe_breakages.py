#!/usr/bin/env python3
"""Lists every breakage between releases that griffe finds and `fusegate api diff` does not name.

  tools/checks/griffe_breakages.py CLONE BEFORE AFTER [BEFORE AFTER ...] --python PYTHON
                                   [--fusegate PROGRAM] [--package aiter]

CLONE is a git repository of the library; it is only read. PYTHON is the interpreter of an environment with
griffe, which both programs run. A breakage is named where a change of the same object is of a kind that means
the same, and of a parameter, where the change names it; a module that is gone, where every name in it is. Some
of griffe's are none; each is printed with the reason: what an import hook still answers for, a function or class
that is only written down in another way, what the library had imported from elsewhere without defining it, and
what griffe could not follow.
Prints counts; exits with 1 if anything is unexplained, with 3 where something is missing.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CONTRACTS = os.path.join(HERE, "..", "..", "probe", "contracts")

# What griffe says of a breakage, and the kinds of change that name the same.
KINDS = {
    "Positional parameter was moved": {"parameter_moved", "positional_meaning_shifted"},
    "Parameter was removed": {"parameter_removed", "parameter_renamed"},
    "Parameter was added as required": {"parameter_added_required", "parameter_renamed"},
    "Parameter default was changed": {"parameter_default_changed", "parameter_made_required"},
    "Parameter is now required": {"parameter_made_required"},
    "Parameter kind was changed": {"parameter_kind_changed"},
    "Public object was removed": {"removed", "moved", "renamed"},
    "Public object points to a different kind of object": {"kind_changed", "value_changed"},
    "Attribute value was changed": {"value_changed"},
    "Return types are incompatible": {"return_changed"},
    "Base class was removed": {"base_removed"},
}
# Whatever differs within a function that is another one altogether.
ANY = "same_name_different_function"

LINE = re.compile(r"(?P<file>\S+?):(?P<line>\d+): (?P<object>[^:(]+)(\((?P<parameter>[^)]*)\))?: (?P<what>.+)")


class Missing(Exception):
    """What is needed and not there."""


def names_of(change):
    return [change["symbol"]] + change["also"]


class Breakage:
    """One line of griffe's."""

    def __init__(self, match):
        self.text = match[0]
        module = match["file"].removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.is_module = match["object"] == "<module>"
        self.symbol = module if self.is_module else module + "." + match["object"]
        self.name = self.symbol.rpartition(".")[2]
        self.place = match["file"] + ":" + match["line"]
        self.parameter = (match["parameter"] or "").lstrip("*")
        self.kinds = next((kinds for what, kinds in KINDS.items() if match["what"].startswith(what)), set())
        # The parameters of a dataclass are those of the class.
        if self.parameter and self.symbol.endswith(".__init__"):
            self.symbols = {self.symbol, self.symbol.removesuffix(".__init__")}
        else:
            self.symbols = {self.symbol}

    def is_named_by(self, change):
        # griffe names an object where it is defined, however it was reached.
        is_same_place = (self.place in change["where"].values()
                         and change["symbol"].rpartition(".")[2] == self.name)
        if not is_same_place and self.symbols.isdisjoint(names_of(change)):
            return False
        if change["kind"] == ANY:
            return True
        if change["kind"] not in self.kinds:
            return False
        said = " ".join(change[key] or "" for key in ("before", "after", "reason"))
        return not self.parameter or re.search(r"\b%s\b" % re.escape(self.parameter), said) is not None


class Library:
    """A clone and what the two programs say of its releases."""

    def __init__(self, options, tree):
        self.options, self.tree = options, tree
        with open(os.path.join(CONTRACTS, options.package, "library.json"), encoding="utf-8") as file:
            self.hooks = json.load(file).get("import_hooks", [])
        self.symbols = {}

    def git(self, *arguments):
        done = subprocess.run(["git", "-C", self.tree, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        return done.stdout if done.returncode == 0 else None

    def fusegate(self, command, *arguments):
        done = subprocess.run([self.options.fusegate, "--python", self.options.python, "api", command, "--repo",
                               self.tree, "--library", self.options.package, "--json", "-", *arguments],
                              stdout=subprocess.PIPE)
        if done.returncode not in (0, 1):
            raise SystemExit("fusegate api %s %s: exit status %d"
                             % (command, " ".join(arguments), done.returncode))
        return json.loads(done.stdout)

    def breakages(self, before, after):
        if self.git("checkout", "--quiet", after) is None:
            raise Missing("the clone has no release " + after)
        done = subprocess.run([self.options.python, "-m", "griffe", "check", self.options.package, "-s", ".",
                               "-a", before, "-f", "oneline"], cwd=self.tree, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        lines = [(line, LINE.fullmatch(line)) for line in done.stdout.splitlines()]
        for line, match in lines:
            if not match:
                print("  griffe says: " + line)
        breakages = [Breakage(match) for _, match in lines if match]
        # 1: there are breakages.
        if done.returncode != (1 if breakages else 0):
            raise Missing("griffe check of %s and %s failed" % (before, after))
        return breakages

    def show(self, release):
        """What a release has under each name: a list, as conditions may define it several times."""
        if release not in self.symbols:
            symbols = self.symbols[release] = {}
            for symbol in self.fusegate("show", "--rev", release)["symbols"]:
                symbols.setdefault(symbol["name"], []).append(symbol)
        return self.symbols[release]

    def is_module_named(self, breakage, changes, before):
        """Whether of every name in a module that is gone a change says so."""
        gone = {name for change in changes if change["kind"] in breakage.kinds for name in names_of(change)}
        names = {name for name in self.show(before) if name.startswith(breakage.symbol + ".")}
        return bool(names) and names <= gone

    def hooked_modules(self, release):
        """The modules that import hooks answer for, by the package that has the hook."""
        answered = {}
        for hook in self.hooks:
            file = hook["package"].replace(".", "/") + "/__init__.py"
            for statement in ast.parse(self.git("show", release + ":" + file) or "").body:
                targets = getattr(statement, "targets", [getattr(statement, "target", None)])
                if any(isinstance(t, ast.Name) and t.id == hook["variable"] for t in targets):
                    for name in ast.literal_eval(statement.value):
                        answered[hook["package"] + "." + name] = hook["package"]
        return answered

    def why_foreign(self, release, name):
        """Where a name that the library defines nowhere is imported from; None: it may define it."""
        word = re.escape(name)
        search = ["grep", "--extended-regexp", "-h", "--only-matching"]
        where = [release, "--", self.options.package + "/*.py"]
        defined = r"^\s*((async )?def|class) %s\b|^\s*%s\s*(:[^=]*)?=[^=]" % (word, word)
        if self.git(*search, defined, *where):
            return None
        found = self.git(*search, r"^\s*(from [A-Za-z_][A-Za-z0-9_.]* import [^#]*\b%s\b|import %s\b)"
                         % (word, word), *where)
        imports = {tuple(line.split()[:2]) for line in (found or "").splitlines()}
        own = re.compile(r"from %s(\..*)?" % re.escape(self.options.package))
        if not imports or any(own.fullmatch(" ".join(words)) for words in imports):
            return None
        return "the library defines no %s, it had imported it: %s" % (
            name, ", ".join(sorted(" ".join(words) for words in imports)))

    def why_none(self, breakage, before, after):
        """Why a breakage of griffe's breaks nobody; None: it does."""
        if "removed" in breakage.kinds:
            for module, package in self.hooked_modules(after).items():
                if (breakage.symbol + ".").startswith(module + "."):
                    return "the import hook of %s still answers for %s" % (package, module)
            if breakage.name.endswith("/*"):
                return "it is no name, but an import of everything that griffe could not follow"
            return None if breakage.is_module else self.why_foreign(before, breakage.name)
        if breakage.kinds & {"kind_changed", "value_changed"}:
            was, now = (self.show(release).get(breakage.symbol) for release in (before, after))
            if was and now and was[0]["kind"] == now[0]["kind"] and was[0]["kind"] in ("function", "class"):
                return "it is a %s before (%s:%s) and after (%s:%s)" % (
                    was[0]["kind"], was[0]["file"], was[0]["line"], now[0]["file"], now[0]["line"])
        return None

    def compare(self, before, after):
        """Prints what is unexplained and how much there was; gives how much is unexplained."""
        breakages = self.breakages(before, after)
        changes = self.fusegate("diff", before, after)["changes"]
        unnamed = [b for b in breakages if not any(b.is_named_by(change) for change in changes)
                   and not (b.is_module and self.is_module_named(b, changes, before))]
        unexplained = 0
        for breakage in unnamed:
            reason = self.why_none(breakage, before, after)
            unexplained += reason is None
            print("  %s\n    %s" % (breakage.text, "unexplained" if reason is None else "none: " + reason))
        print("%s to %s: %d breakages of griffe's, %d named, %d none, %d unexplained; fusegate names %d that break"
              % (before, after, len(breakages), len(breakages) - len(unnamed), len(unnamed) - unexplained,
                 unexplained, sum(change["breaking"] for change in changes)), flush=True)
        return unexplained


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("clone")
    parser.add_argument("releases", nargs="+", metavar="BEFORE AFTER")
    parser.add_argument("--python", default=sys.executable, help="of an environment with griffe")
    parser.add_argument("--fusegate", default=os.path.join(HERE, "..", "..", "build", "bin", "fusegate"))
    parser.add_argument("--package", default="aiter")
    options = parser.parse_args()
    if len(options.releases) % 2:
        parser.error("releases come in pairs")
    try:
        if subprocess.run([options.python, "-c", "import griffe"], stderr=subprocess.DEVNULL).returncode:
            raise Missing(options.python + " has no griffe (pip install griffe)")
        if not os.access(options.fusegate, os.X_OK):
            raise Missing(options.fusegate + " is not there")
        with tempfile.TemporaryDirectory() as folder:
            # griffe checks trees out beside a clone: beside one of its own, which borrows the objects.
            if subprocess.run(["git", "clone", "--quiet", "--shared", "--no-checkout", options.clone,
                               folder]).returncode:
                raise Missing("%s cannot be cloned" % options.clone)
            library = Library(options, folder)
            pairs = zip(options.releases[::2], options.releases[1::2])
            unexplained = sum([library.compare(before, after) for before, after in pairs])
    except (Missing, OSError) as missing:
        print("not compared: %s" % missing)
        return 3
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
