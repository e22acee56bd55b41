"""What AITER declares of module_rmsnorm since 0.1.17-longctx."""

from ..jit.core import compile_ops


@compile_ops("module_rmsnorm", fc_name="rms_norm_opus", ffi_type="ctypes")
def _rms_norm_opus_raw(
    out: int,
    input: int,
    weight: int,
    epsilon: float,
    rows: int,
    hidden: int,
    in_s: int,
    is_bf16: int,
    model_sensitive: int,
    gemma: int,
    stream: int,
) -> None: ...


@compile_ops("module_rmsnorm", fc_name="fused_add_rms_norm_opus", ffi_type="ctypes")
def _fused_add_rms_norm_opus_raw(
    input: int,
    residual: int,
    weight: int,
    epsilon: float,
    rows: int,
    hidden: int,
    is_bf16: int,
    model_sensitive: int,
    gemma: int,
    stream: int,
) -> None: ...


@compile_ops("module_rmsnorm", fc_name="add_rms_norm_opus", ffi_type="ctypes")
def _add_rms_norm_opus_raw(
    out: int,
    input: int,
    residual_in: int,
    residual_out: int,
    weight: int,
    epsilon: float,
    rows: int,
    hidden: int,
    in_s: int,
    is_bf16: int,
    model_sensitive: int,
    gemma: int,
    stream: int,
) -> None: ...
