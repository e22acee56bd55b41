#!/usr/bin/env python3
"""The worker, as the conformance test starts it: toy_worker.py toy calls a library that was made for tests, with a torch
in plain Python; toy_worker.py torch PyTorch's operations, with the interpreter's own torch."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE)]

from fusegate_worker.protocol import Channel, serve  # noqa: E402
from fusegate_worker.provider import Provider  # noqa: E402

TOY = {"name": "toy", "package": "toy", "on_cpu": True, "entries": [
    {"op": "rms_norm", "module": "toy", "symbol": "rms_norm", "returns": ["out"],
     "arguments": {"input": "x", "weight": "weight", "epsilon": "eps"}},
    {"op": "add_rms_norm", "module": "toy", "symbol": "fused_add_rms_norm",
     "arguments": {"input": "x -> out", "residual": "residual -> residual_out", "weight": "weight", "epsilon": "eps"}},
    {"op": "dual_rms_norm", "module": "toy", "symbol": "dual_rms_norm",
     "arguments": {"q_out": "q_out", "q": "q_x", "q_weight": "q_weight", "q_eps": "q_eps",
                   "k_out": "kv_out", "k": "kv_x", "k_weight": "kv_weight", "k_eps": "kv_eps"}}]}


def main():
    config = {"name": "torch", "composition": "eager", "on_cpu": True}
    if sys.argv[1] == "toy":
        sys.path[:0] = [os.path.join(HERE, "fake_torch"), os.path.join(HERE, "fake_library")]
        config = TOY
    channel = Channel()
    serve(channel, Provider(channel, config).methods())
    return 0


sys.exit(main())
