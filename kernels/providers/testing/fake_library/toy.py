"""A library of three functions, each with another way to give its results."""

import norms


def rms_norm(input, weight, epsilon):
    return norms.rms_norm({"input": input, "weight": weight, "epsilon": epsilon})


def fused_add_rms_norm(input, residual, weight, epsilon):
    norms.add_in_place({"input": input, "residual": residual, "weight": weight, "epsilon": epsilon})


def dual_rms_norm(q_out, q, q_weight, q_eps, k_out, k, k_weight, k_eps):
    norms.dual(dict(locals()))
