"""The other end of the pipe: requests and answers as kernels/worker/PROTOCOL.md has them."""

import fcntl
import json
import os
import sys

VERSION = 1
LONGEST = 1 << 20
# Libraries close descriptors that they take for their own, from the low ones on.
FIRST_DESCRIPTOR = 200


class WorkerError(Exception):
    """An answer that is no result."""

    def __init__(self, kind, message, fatal=False):
        super().__init__(message)
        self.kind = kind
        self.fatal = fatal


def refuse(message):
    raise WorkerError("invalid_request", message)


def kept_descriptor(descriptor):
    """A copy of it where libraries do not close it."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR)


class Channel:
    """Requests from standard input, answers to standard output, which belong to nobody else from here on: what a
    library prints goes to standard error, and it reads nothing."""

    def __init__(self):
        self._input = kept_descriptor(0)
        self._output = kept_descriptor(1)
        self._pid = os.getpid()
        self._rest = b""
        self._errors = kept_descriptor(2)
        self._nothing = kept_descriptor(os.open(os.devnull, os.O_RDONLY))
        self._written = open(self._errors, "w", buffering=1, errors="backslashreplace", closefd=False)
        self.restore_streams()

    def restore_streams(self):
        """Standard input is empty, what is printed goes to standard error: also where a library closed them."""
        os.dup2(self._nothing, 0)
        os.dup2(self._errors, 1)
        os.dup2(self._errors, 2)
        if self._written.closed:
            self._written = open(self._errors, "w", buffering=1, errors="backslashreplace", closefd=False)
        sys.stdout = sys.stderr = self._written

    def leave_if_forked(self):
        """A library that forks and returns in the child, too, must not answer twice."""
        if os.getpid() != self._pid:
            os._exit(0)

    def requests(self):
        """Lines, until the end of the input."""
        while True:
            end = self._rest.find(b"\n")
            if end >= 0:
                line, self._rest = self._rest[:end], self._rest[end + 1:]
                yield line
                continue
            piece = os.read(self._input, 1 << 16)
            if not piece:
                return
            self._rest += piece

    def answer(self, identity, content):
        self.leave_if_forked()
        identity = identity if isinstance(identity, (int, str)) else None
        line = json.dumps({"id": identity, **content}, allow_nan=False).encode() + b"\n"
        if len(line) > LONGEST:
            raise WorkerError("runtime", "the answer is %d bytes long" % len(line))
        while line:
            line = line[os.write(self._output, line):]


def parse_request(line):
    """(id, method, params); the id is None where there is none."""
    try:
        request = json.loads(line)
        return request.get("id"), str(request["method"]), request.get("params", {})
    except (ValueError, KeyError, AttributeError, RecursionError):
        refuse("a request is {id, method, params}, on one line")


def error_content(error):
    """The answer that an exception is."""
    # A path that is no UTF-8 comes as lone surrogates.
    text = str(error)[:4000].encode("utf-8", "replace").decode("utf-8")
    if isinstance(error, WorkerError):
        return {"kind": error.kind, "message": text, "fatal": error.fatal}
    kind = "out_of_memory" if isinstance(error, MemoryError) else "runtime"
    return {"kind": kind, "message": "%s in the worker: %s" % (type(error).__name__, text), "fatal": True}


def serve(channel, methods):
    """Answers until `shutdown`, the end of the input, a fatal error, or a result with `ends`."""
    for line in channel.requests():
        identity = None
        try:
            identity, method, params = parse_request(line)
            if method == "shutdown":
                channel.answer(identity, {"result": {}})
                return
            if method not in methods:
                refuse("there is no method %s" % method[:80])
            if not isinstance(params, dict):
                refuse("the params of %s are no object" % method)
            result = methods[method](params)
            channel.answer(identity, {"result": result})
            if result.get("ends"):
                return
        except Exception as error:
            content = error_content(error)
            channel.answer(identity, {"error": content})
            if content["fatal"]:
                return
