#!/usr/bin/env python3
"""Holds a released SGLang against released FlashInfers from the package index, and what is found against
what their sources say.

  tools/checks/engine_packages.py FUSEGATE FOLDER

FUSEGATE is the program, FOLDER where packages are kept between runs. Packages come by the pip of the Python
that FUSEGATE_ML_DTYPES_PYTHON names, else of this one; they are unpacked, never installed. Exits with 77, and
why, where none can be had.
"""

import glob
import json
import os
import subprocess
import sys
import zipfile

ENGINE = "sglang==0.5.12"
WHEEL = ["--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11", "--platform",
         "manylinux_2_34_x86_64", "--platform", "any"]
# By reading: mxfp4.py:80 says itself that FlashInfer has these after 0.6.10; flashinfer_backend.py:1682 that
# the other one is of 0.1.6; both are imported under handlers. 0.5.3 has no file with the last two names, which
# fp8_utils.py:347 and compressed_tensors_w4a4_mxint4_moe.py:37 import whenever FlashInfer is there.
EXPECTED = {
    "flashinfer-python==0.6.9": (set(), {
        "flashinfer.decode._grouped_size_compiled_for_decode_kernels",
        "flashinfer.fused_moe.interleave_moe_scales_for_sm90_mixed_gemm",
        "flashinfer.fused_moe.interleave_moe_weights_for_sm90_mixed_gemm"}),
    "flashinfer-python==0.5.3": ({
        "flashinfer.gemm.fp8_blockscale_gemm_sm90",
        "flashinfer.fused_moe.trtllm_mxint4_block_scale_moe"}, None),
}


def unpacked(requirement, folder):
    """The folder of a package, downloaded if it is not there yet."""
    target = os.path.join(folder, requirement.replace("==", "-"))
    if os.path.isdir(target):
        return target
    python = os.environ.get("FUSEGATE_ML_DTYPES_PYTHON") or sys.executable
    wheels = os.path.join(folder, "wheels")
    run = subprocess.run([python, "-m", "pip", "download", "-q", "--disable-pip-version-check", "-d", wheels,
                          requirement] + WHEEL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode != 0:
        print("skipped: %s cannot be had: %s" % (requirement, run.stdout.decode("utf-8", "replace").strip()[-300:]))
        raise SystemExit(77)
    name, version = requirement.split("==")
    (wheel,) = glob.glob(os.path.join(wheels, "%s-%s-*.whl" % (name.replace("-", "_"), version)))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target + ".part")
    os.rename(target + ".part", target)
    os.remove(wheel)
    return target


def uses(program, engine, library):
    run = subprocess.run([program, "contract", "check", "--engine", "sglang=" + engine, "--library",
                          "flashinfer=" + library, "--assume", "sm_90", "--quiet", "--json", "-",
                          "--python", sys.executable],
                         stdout=subprocess.PIPE, timeout=120)
    if run.returncode not in (0, 1):
        raise SystemExit("contract check ended with %d" % run.returncode)
    return json.loads(run.stdout)


def main():
    program, folder = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    engine = unpacked(ENGINE, folder)
    failed = False
    for requirement, (stops, off) in EXPECTED.items():
        document = uses(program, engine, unpacked(requirement, folder))

        def symbols(consequence):
            return {use["symbol"] for use in document["uses"] if use["consequence"] == consequence}

        if symbols("stops_import") != stops or (off is not None and symbols("off") != off):
            print("%s: stops importing %s, off %s" % (requirement, symbols("stops_import"), symbols("off")))
            failed = True
        print("%s on %s: %s" % (ENGINE, requirement, document["counts"]))
    return 1 if failed else 0


sys.exit(main())
