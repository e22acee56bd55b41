"""The ops in PyTorch's own operations: what an engine falls back to, and what a fused kernel is compared with. In fp32 from
the sum to the product with the weight, or to the quotient by the scale, and rounded once."""

import sys

import torch

LEAST_AMAX = 1e-10  # of a row, so that rows of zeros have a scale above zero


def _limits(codes):
    """The smallest and the largest number of a type of codes."""
    if codes == torch.int8:
        return -128.0, 127.0
    largest = torch.finfo(codes).max
    return -largest, largest


def _coded(values, scale, codes):
    scaled = (values / scale).clamp(*_limits(codes))
    if codes == torch.int8:  # whose conversion cuts off, and has no NaN
        scaled = scaled.nan_to_num(0.0).round()
    return scaled.to(codes)


def _own_scale(values, codes):
    amax = values.abs().nan_to_num(0.0, posinf=float("inf")).amax(-1, keepdim=True)
    return amax.clamp_min(LEAST_AMAX) / _limits(codes)[1]


def _norm_op(adds, added_to_weight, quantization):
    """Outputs in the order of _returns(); `codes`: the type of the quantized one."""
    def norm(x, weight, eps, residual=None, scale=None, codes=None):
        wide = x.to(torch.float32)
        if adds:
            wide = wide + residual.to(torch.float32)
        inverse_rms = torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps)
        values = wide * inverse_rms * (weight.to(torch.float32) + added_to_weight)
        if quantization == "dynamic":
            scale = _own_scale(values, codes)
        results = [_coded(values, scale, codes) if quantization else values.to(x.dtype)]
        if adds:
            results.append(wide.to(x.dtype))
        if quantization == "dynamic":
            results.append(scale)
        if quantization:
            results.append(values.to(x.dtype))
        return tuple(results)
    return norm


def _returns(adds, quantization):
    return (["out"] + ["residual_out"] * adds + ["scale"] * (quantization == "dynamic")
            + ["norm_out"] * bool(quantization))


def _arguments(adds, quantization):
    names = {"x": "x", "weight": "weight", "eps": "eps"}
    if adds:
        names["residual"] = "residual"
    if quantization:
        names["codes"] = "out.dtype"
    if quantization == "static":
        names["scale"] = "scale"
    return names


def dual_rms_norm(q_x, q_weight, q_eps, kv_x, kv_weight, kv_eps):
    norm = _norm_op(False, 0, None)
    return norm(q_x, q_weight, q_eps) + norm(kv_x, kv_weight, kv_eps)


def _family():
    """(op, whether it adds, what to the weight, how it quantizes), of all norms of one input."""
    for adds in (False, True):
        for added, name in ((0, "rms_norm"), (1, "gemma_rms_norm")):
            for quantization in (None, "static", "dynamic"):
                suffix = "_%s_quant" % quantization if quantization else ""
                yield ("add_" if adds else "") + name + suffix, adds, added, quantization


for _op, _adds, _added, _quantization in _family():
    setattr(sys.modules[__name__], _op, _norm_op(_adds, _added, _quantization))


def entries(is_compiled):
    """Of these functions, as a library's contract would have them."""
    dual = ["q_x", "q_weight", "q_eps", "kv_x", "kv_weight", "kv_eps"]
    result = [{"op": "dual_rms_norm", "arguments": {name: name for name in dual}, "returns": ["q_out", "kv_out"]}]
    for op, adds, _, quantization in _family():
        result.append({"op": op, "arguments": _arguments(adds, quantization), "returns": _returns(adds, quantization),
                       "optional": ["norm_out"]})
    for entry in result:
        entry.update(module=__name__, symbol=entry["op"], compile=is_compiled)
    return result
