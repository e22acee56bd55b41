"""The worker that calls a Python library's kernels, in the interpreter in which that library is installed."""
