"""Compares reference/formats.hpp with independent implementations of the same formats.

usage: formats_check.py FORMATS_DUMP

FORMATS_DUMP is the program of that name from the build. The others are numpy with ml_dtypes, and
torch, whichever this Python can import; without any the exit code is 77, "skipped". For each format
that they have, these must agree, NaN with NaN of any sign and payload:
  - decode of every bit pattern;
  - encode, to nearest even, of every number of the format, every midpoint of two neighbours (beyond
    the largest number too) and the float32 on both sides of each; and of a million random float32
    bit patterns;
  - for fp32 the same of a million random float32 numbers and the float64 around their midpoints.
Where an implementation is known to differ, KNOWN_DIFFERENCES says how; such values are not
compared. They offer no rounding toward zero and, but for torch's e4m3fn, no saturation: for those
there is formats_definition_test.
"""

import itertools
import math
import random
import struct
import subprocess
import sys
from array import array

RANDOM_VALUES = 1_000_000
SEED = 20231201

# name: (storage bits, name in ml_dtypes and numpy, name in torch)
FORMATS = {
    "fp32": (32, "float32", "float32"),
    "fp16": (16, "float16", "float16"),
    "bf16": (16, "bfloat16", "bfloat16"),
    "e4m3fn": (8, "float8_e4m3fn", "float8_e4m3fn"),
    "e4m3fnuz": (8, "float8_e4m3fnuz", "float8_e4m3fnuz"),
    "e5m2": (8, "float8_e5m2", "float8_e5m2"),
    "e5m2fnuz": (8, "float8_e5m2fnuz", "float8_e5m2fnuz"),
    "e8m0": (8, "float8_e8m0fnu", "float8_e8m0fnu"),
    # torch's float4_e2m1fn_x2 is storage only: it converts nothing.
    "e2m1": (4, "float4_e2m1fn", None),
}

# Both round as if e8m0's pattern 0 stood for zero, so that the midpoint to 2^-126 is 2^-127 itself
# and 1.1 * 2^-127 becomes 2^-126, although 2^-127 is nearer.
E8M0_BOTTOM = (lambda x: 2.0**-127 < x < 1.5 * 2.0**-127, "2^-127 to 1.5 * 2^-127 is 2^-126")

# (implementation, format): [(which values, what it does)]. What we do is in formats.hpp.
KNOWN_DIFFERENCES = {
    ("ml_dtypes", "e8m0"): [(lambda x: x == 0, "zero is NaN, not the smallest scale"), E8M0_BOTTOM],
    ("ml_dtypes", "e2m1"): [(math.isnan, "NaN is a zero, not +6: MX leaves it open")],
    ("torch", "e8m0"): [(lambda x: x < 0, "the sign is dropped, not made NaN"), E8M0_BOTTOM],
}


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


class MlDtypes:
    """numpy's own float16 and float32, ml_dtypes for the rest."""

    name = "ml_dtypes"

    def __init__(self):
        import ml_dtypes
        import numpy

        self.numpy = numpy
        self.ml_dtypes = ml_dtypes
        self.version = f"ml_dtypes {ml_dtypes.__version__}, numpy {numpy.__version__}"

    def dtype(self, form):
        name = FORMATS[form][1]
        found = getattr(self.numpy, name, None) or getattr(self.ml_dtypes, name, None)
        return found and self.numpy.dtype(found)

    def word(self, form):
        return f"u{self.dtype(form).itemsize}"

    def decode(self, form, codes):
        words = self.numpy.array(codes).astype(self.word(form))
        with self.numpy.errstate(all="ignore"):
            return words.view(self.dtype(form)).astype("f8").tolist()

    def encode(self, form, values):
        with self.numpy.errstate(all="ignore"):
            return self.numpy.array(values).astype(self.dtype(form)).view(self.word(form)).tolist()

    def saturates(self, form):
        return False


class Torch:
    name = "torch"

    def __init__(self):
        import torch

        self.torch = torch
        self.version = f"torch {torch.__version__}"

    def dtype(self, form):
        return FORMATS[form][2] and getattr(self.torch, FORMATS[form][2], None)

    def word(self, form):
        bits = FORMATS[form][0]
        return {8: self.torch.uint8, 16: self.torch.int16, 32: self.torch.int32}[bits]

    def decode(self, form, codes):
        bits = FORMATS[form][0]
        signed = [c - (1 << bits) if bits > 8 and c >> (bits - 1) else c for c in codes]
        words = self.torch.tensor(signed, dtype=self.word(form))
        return words.view(self.dtype(form)).to(self.torch.float64).tolist()

    def encode(self, form, values):
        kind = {"f": self.torch.float32, "d": self.torch.float64}[values.typecode]
        numbers = self.torch.frombuffer(values, dtype=kind).to(self.dtype(form))
        mask = (1 << FORMATS[form][0]) - 1
        return [word & mask for word in numbers.view(self.word(form)).tolist()]

    def saturates(self, form):
        # Its e4m3fn saturates, infinities too: so does 2.13; older ones made NaN of what overflows.
        return form == "e4m3fn" and self.encode(form, array("f", [1e9])) == [0x7E]


def implementations():
    found, missing = [], []
    for kind in (MlDtypes, Torch):
        try:
            found.append(kind())
        except (ImportError, OSError) as error:
            missing.append(str(error))
    if not found:
        skip(f"{sys.executable} has neither numpy with ml_dtypes nor torch: {'; '.join(missing)}")
    for reason in missing:
        print(f"not compared: {reason}")
    return found


class Ours:
    def __init__(self, program):
        self.program = program

    def run(self, arguments, data, result):
        done = subprocess.run(
            [self.program, *arguments], input=data.tobytes(), stdout=subprocess.PIPE, check=True
        )
        out = array(result)
        out.frombytes(done.stdout)
        return out

    def decode(self, form, codes):
        return self.run(["decode", form], array("I", codes), "d")

    def encode(self, form, values, saturate):
        words = ["encode", form] + ["saturate"] * saturate
        return self.run(words, array("d", values), "I")


def float32_around(numbers):
    """Each number that is a float32, and the float32 on both sides of it."""
    patterns = array("I", array("f", numbers).tobytes())
    around = array("I")
    for pattern, number in zip(patterns, numbers):
        around.append(pattern)
        if math.isfinite(number):
            around.append(pattern + 1)
            around.append(pattern - 1 if pattern & 0x7FFFFFFF else 0x80000001)
    return array("f", around.tobytes())


def revealing_values(form, decoded):
    if form == "fp32":
        numbers = [x for x in random_float32() if math.isfinite(x)]
        largest = struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]
        ties = [x * (1 + 2.0**-24) for x in numbers + [largest, -largest]]
        both = [math.nextafter(x, to) for x in ties for to in (-math.inf, math.inf)]
        return array("d", numbers + ties + both)
    numbers = sorted({x for x in decoded if math.isfinite(x)})
    midpoints = [(low + high) / 2 for low, high in itertools.pairwise(numbers)]
    # What comes after the last number decides what overflows. In e8m0 the step doubles each time.
    step = numbers[-1] if form == "e8m0" else numbers[-1] - numbers[-2]
    midpoints += [numbers[-1] + step / 2, -numbers[-1] - step / 2]
    extremes = [0.0, -0.0, math.inf, -math.inf, math.nan, 2.0**-149, 3.4e38, -3.4e38]
    return float32_around(numbers + midpoints) + array("f", extremes) + random_float32()


def random_float32():
    return array("f", random.Random(SEED).randbytes(4 * RANDOM_VALUES))


def float64_patterns(numbers):
    return array("Q", array("d", numbers).tobytes())


def compare(what, inputs, ours, theirs, is_nan, known):
    """Prints a line; returns whether all agree."""
    if len(ours) != len(theirs) or len(ours) != len(inputs):
        print(f"{what}: {len(inputs)} given, {len(ours)} ours, {len(theirs)} theirs")
        return False
    wrong, excused = [], 0
    for x, a, b in zip(inputs, ours, theirs):
        if a != b and not (is_nan(a) and is_nan(b)):
            if any(holds(x) for holds, _ in known):
                excused += 1
            else:
                wrong.append((x, a, b))
    notes = f", {excused} differ as said" if excused else ""
    print(f"{what}: {len(inputs)} compared{notes}" + (f", {len(wrong)} WRONG" if wrong else ""))
    for x, a, b in wrong[:10]:
        print(f"  {x.hex() if isinstance(x, float) else hex(x)}: ours {a:#x}, theirs {b:#x}")
    return not wrong


def check_format(ours, other, form):
    bits = FORMATS[form][0]
    if bits == 32:
        codes = array("I", random_float32().tobytes()).tolist()
    else:
        codes = list(range(1 << bits))
    decoded = other.decode(form, codes)
    what = f"{other.name} {form}"
    # As patterns, since -0.0 == 0.0.
    a = float64_patterns(ours.decode(form, codes))
    b = float64_patterns(decoded)
    good = compare(f"{what} decode", codes, a, b, lambda x: x & (2**63 - 1) > 0x7FF << 52, [])

    saturate = other.saturates(form)
    values = revealing_values(form, decoded)
    a = ours.encode(form, values, saturate)
    b = other.encode(form, values)
    nans = {code for code, number in zip(codes, decoded) if math.isnan(number)}

    def is_nan(code):
        return code & 0x7FFFFFFF > 0x7F800000 if bits == 32 else code in nans

    known = KNOWN_DIFFERENCES.get((other.name, form), [])
    for _, reason in known:
        print(f"{what} differs: {reason}")
    what += " encode, saturating" if saturate else " encode"
    return compare(what, values, a, b, is_nan, known) and good


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[2])
    ours = Ours(sys.argv[1])
    good = True
    for other in implementations():
        print(f"against {other.version}")
        for form in FORMATS:
            if other.dtype(form) is None:
                print(f"{other.name} {form}: not compared, {other.version} converts no such type")
                continue
            good = check_format(ours, other, form) and good
    print("all agree" if good else "DISAGREEMENT")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
