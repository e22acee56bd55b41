"""The ops in PyTorch's own operations: what an engine falls back to, and what a fused kernel is compared with. In fp32 from
the sum to the product with the weight, and rounded once."""

import torch


def _norm(wide, weight, eps):
    return wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps) * weight.to(torch.float32)


def rms_norm(x, weight, eps):
    return _norm(x.to(torch.float32), weight, eps).to(x.dtype)


def add_rms_norm(x, residual, weight, eps):
    total = x.to(torch.float32) + residual.to(torch.float32)
    return _norm(total, weight, eps).to(x.dtype), total.to(x.dtype)


def dual_rms_norm(q_x, q_weight, q_eps, kv_x, kv_weight, kv_eps):
    return rms_norm(q_x, q_weight, q_eps), rms_norm(kv_x, kv_weight, kv_eps)


def entries(is_compiled):
    """Of these functions, as a library's contract would have them."""
    arguments = {"rms_norm": ["x", "weight", "eps"], "add_rms_norm": ["x", "residual", "weight", "eps"],
                 "dual_rms_norm": ["q_x", "q_weight", "q_eps", "kv_x", "kv_weight", "kv_eps"]}
    returns = {"rms_norm": ["out"], "add_rms_norm": ["out", "residual_out"], "dual_rms_norm": ["q_out", "kv_out"]}
    return [{"op": op, "module": __name__, "symbol": op, "compile": is_compiled,
             "arguments": {name: name for name in names}, "returns": returns[op]} for op, names in arguments.items()]
