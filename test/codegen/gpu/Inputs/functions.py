"""Functions of real numbers on the GPU against Python's, on numbers of every size and on special
ones.

usage: functions.py DTYPE TOLERANCE     (relative, in units of the type's epsilon)"""
import math
import os
import subprocess
import sys
import tempfile

import numpy as np

ONE = {"exp": math.exp, "log": math.log, "tanh": math.tanh, "sin": math.sin, "cos": math.cos,
       "erf": math.erf, "sqrt": math.sqrt, "softplus": lambda x: np.logaddexp(0, x)}
POWERS = [2, 3, -1, 0.5, -1.25, 10, 0]


def guarded(function, x):
    """IEEE's results where Python has exceptions."""
    try:
        return float(function(x))
    except OverflowError:
        return math.inf
    except ValueError:
        return -math.inf if function is math.log and x == 0 else math.nan


def close(actual, expected, tolerance, least):
    if math.isnan(expected) or math.isinf(expected) or math.isinf(actual):
        return math.isnan(expected) and math.isnan(actual) or actual == expected
    return abs(actual - expected) <= max(tolerance * abs(expected), least)


def main():
    dtype, epsilons = np.dtype({"f32": "float32", "f64": "float64"}[sys.argv[1]]), float(sys.argv[2])
    info = np.finfo(dtype)
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(size=60), rng.normal(size=60) * 10, rng.normal(size=30) * 100,
                        rng.normal(size=20) * 1e-6, 1 + rng.normal(size=20) * 1e-6,
                        [0.0, -0.0, 1, -1, 2, 0.5, math.inf, -math.inf, math.nan, 88.5, -104, 710,
                         -745, 3, -3, 6]]).astype(dtype)
    lines = ["input X[i]"] + ["%s[i] = %s(X[i])" % (name.title(), name) for name in ONE]
    lines += ["P%d[i] = X[i]^(%r)" % (i, float(p)) for i, p in enumerate(POWERS)]
    names = [name.title() for name in ONE] + ["P%d" % i for i in range(len(POWERS))]
    lines += [name + "?" for name in names]
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        program, source = os.path.join(folder, "f.tl"), os.path.join(folder, "x.npy")
        with open(program, "w") as file:
            file.write("\n".join(lines) + "\n")
        np.save(source, x)
        command = ["tlc", "run", program, "--dtype", sys.argv[1], "--target", "gpu", "--set",
                   "X=" + source]
        for name in names:
            command += ["--get", "%s=%s" % (name, os.path.join(folder, name + ".npy"))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        # The power of a half is the root, for -inf, too.
        functions = list(ONE.values()) + [
            math.sqrt if p == 0.5 else lambda v, p=p: np.power(v, float(p)) for p in POWERS]
        for name, function in zip(names, functions):
            for value, actual in zip(x, np.load(os.path.join(folder, name + ".npy"))):
                with np.errstate(all="ignore"):
                    expected = float(dtype.type(guarded(function, float(value))))
                # The error of a power grows with its exponent; sine and cosine near their zeros
                # are as close as their argument; subnormal numbers may become zero.
                tolerance = epsilons * float(info.eps) * (8 if name[0] == "P" else 1)
                least = tolerance if name in ("Sin", "Cos") else float(info.tiny)
                if not close(float(actual), expected, tolerance, least):
                    wrong.append("%s(%r) is %r, expected %r" % (name, value, actual, expected))
    print("\n".join(wrong[:20]))
    print("%d functions, %d wrong" % (len(names), len(wrong)))


if __name__ == "__main__":
    main()
