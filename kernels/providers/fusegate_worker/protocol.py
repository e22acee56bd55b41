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
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        sys.stdout = sys.stderr

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
        line = json.dumps({"id": identity, **content}, allow_nan=False).encode() + b"\n"
        if len(line) > LONGEST:
            raise WorkerError("runtime", "the answer is %d bytes long" % len(line))
        while line:
            line = line[os.write(self._output, line):]


def serve(channel, methods):
    """Answers until `shutdown`, the end of the input or a fatal error."""
    for line in channel.requests():
        identity = None
        try:
            try:
                request = json.loads(line)
                identity, method, params = request.get("id"), request["method"], request.get("params", {})
            except (ValueError, KeyError, AttributeError, RecursionError):
                refuse("a request is {id, method, params}, on one line")
            if method == "shutdown":
                channel.answer(identity, {"result": {}})
                return
            if method not in methods:
                refuse("there is no method %s" % str(method)[:80])
            if not isinstance(params, dict):
                refuse("the params of %s are no object" % method)
            channel.answer(identity, {"result": methods[method](params)})
        except WorkerError as error:
            channel.leave_if_forked()
            content = {"kind": error.kind, "message": str(error)[:4000], "fatal": error.fatal}
            channel.answer(identity, {"error": content})
            if error.fatal:
                return
