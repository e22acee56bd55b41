"""What the functions of the tests' libraries do, by their names and the names of their parameters: written from what
the libraries themselves document, and not from the contracts, which are to be tested by it."""

import math

import torch


def _fp32(value):
    return torch._fp32(value)


def _weight(given):
    return [w + given.get("_added", 0) for w in given["weight"].values()]


def _normed(values, like, weight, eps, is_rounded=False):
    """Of rows of like's length; is_rounded: to like's type, before the weight."""
    columns, out = like.shape[-1], []
    for begin in range(0, len(values), columns):
        row = values[begin:begin + columns]
        scale = 1.0 / math.sqrt(sum(v * v for v in row) / columns + eps)
        out += [v * scale for v in row]
    if is_rounded:
        out = torch.empty_like(like).assign(out).values()
    return [v * weight[i % columns] for i, v in enumerate(out)]


def _norm(x, weight, eps, out=None, is_rounded=False):
    target = torch.empty_like(x) if out is None else out
    return target.assign(_normed(x.values(), x, weight, eps, is_rounded))


def _sum(x, residual):
    return [_fp32(a + b) for a, b in zip(x.values(), residual.values())]


def _add(given, x, residual, out, residual_out, eps, is_rounded=False):
    total = _sum(x, residual)
    residual_out.assign(total)
    wide = residual_out.values() if is_rounded else total
    out.assign(_normed(wide, x, _weight(given), eps, is_rounded and given.get("_is_vllm")))


def rms_norm(given):
    """(input or x, weight, epsilon or eps[, out])"""
    x = given.get("input", given.get("x"))
    eps = given.get("epsilon", given.get("eps"))
    result = _norm(x, _weight(given), eps, given.get("out"), given.get("_is_vllm"))
    is_returned = given.get("out") is None or given.get("_symbol") == "rmsnorm"
    return result if is_returned else None


def add_out_first(given, is_rounded=False):
    """(out, input, residual_in, residual_out, weight, epsilon)"""
    _add(given, given["input"], given["residual_in"], given["out"], given["residual_out"], given["epsilon"], is_rounded)


def add_in_place(given, is_rounded=False):
    """(input or x, residual or residual_in, weight, epsilon or eps[, x_out])"""
    x = given.get("input", given.get("x"))
    residual = given.get("residual", given.get("residual_in"))
    out = given.get("x_out")
    eps = given.get("epsilon", given.get("eps"))
    _add(given, x, residual, x if out is None else out, residual, eps, is_rounded)


def add_returning(given):
    """(x, weight, epsilon, res or res1) -> (out, residual_out)"""
    x = given["x"]
    out, residual_out = torch.empty_like(x), torch.empty_like(x)
    _add(given, x, given.get("res", given.get("res1")), out, residual_out, given["epsilon"])
    return out, residual_out


def dual(given):
    """(q, q_weight, q_eps or q_epsilon, k, ...[, q_out or q_out_quantized, k_out]) -> both"""
    q_out = given.get("q_out", given.get("q_out_quantized"))
    q = _norm(given["q"], given["q_weight"].values(), given.get("q_eps", given.get("q_epsilon")), q_out)
    k = _norm(given["k"], given["k_weight"].values(), given.get("k_eps", given.get("k_epsilon")), given.get("k_out"))
    return q, k


BODIES = {
    "rmsnorm2d_fwd_with_add": add_out_first, "rmsnorm2d_fwd_with_add_ck": add_out_first,
    "rmsnorm2d_fwd_with_add_opus": add_out_first, "add_rmsnorm": add_out_first,
    "fused_add_rms_norm": add_in_place, "fused_add_rms_norm_cu": add_in_place, "fused_add_rms_norm_opus": add_in_place,
    "fused_add_rmsnorm": add_in_place, "gemma_fused_add_rmsnorm": add_in_place, "rms_norm_add_residual": add_in_place,
    "fused_add_rmsnorm_pad": add_returning, "fused_rmsnorm_add": add_returning,
    "fused_qk_rmsnorm": dual, "_fused_qk_rmsnorm": dual, "_fused_qk_rmsnorm_kernel": dual,
}


def call(module, symbol, given, generation=""):
    body = BODIES.get(symbol, rms_norm)
    given["_symbol"] = symbol
    given["_added"] = 1 if symbol.startswith("gemma_") else 0
    # AITER's Triton kernel, and vLLM's, which AITER took over, add in the storage type; vLLM's round before the weight.
    is_vllm = given["_is_vllm"] = generation.startswith("vllm_kernel") or module.startswith("vllm.")
    if ".triton." in module and body is add_out_first or is_vllm and body is add_in_place:
        return body(given, is_rounded=True)
    return body(given)
