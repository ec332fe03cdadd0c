"""Calls executables, and `tlc einsum`, on files of other element types than their inputs'."""

import os
import subprocess
import sys

import numpy as np

KINDS = {"b": 0, "i": 1, "f": 2, "c": 3}
TYPES = {"bool": np.bool_, "i8": np.int8, "i32": np.int32, "i64": np.int64, "f32": np.float32,
         "f64": np.float64, "c64": np.complex64, "c128": np.complex128}


def check_executable(folder, target, numbers):
    """An executable whose input has type `target`, called with files of every type."""
    program = os.path.join(folder, "same.tl")
    with open(program, "w") as file:
        file.write(f"input X[i] : {target}\nY[i] : {target} = X[i]\noutput Y\n")
    executable = os.path.join(folder, "same")
    subprocess.run(["tlc", "compile", program, "--emit=exe", "-o", executable], check=True)
    given, result = os.path.join(folder, "x.npy"), os.path.join(folder, "y.npy")
    for name, dtype in TYPES.items():
        values = numbers.astype(dtype)
        np.save(given, values)
        run = subprocess.run([executable, "X=" + given, "Y=" + result], stderr=subprocess.PIPE,
                             universal_newlines=True)
        if KINDS[np.dtype(dtype).kind] > KINDS[np.dtype(TYPES[target]).kind]:
            expected = f"error: input 'X' has type {name}, which does not convert to {target}\n"
            assert run.returncode == 3 and run.stderr == expected, run
            continue
        assert run.returncode == 0, run.stderr
        np.testing.assert_array_equal(np.load(result), values.astype(TYPES[target]), name)


def check_halves(folder, random):
    """All f16, and f32 between and at the midpoints of them, rounded to f16."""
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    exact = np.sort(halves.astype(np.float32))
    middles = (exact[1:] + exact[:-1]) / 2
    others = (exact[1:] + random.random(exact.size - 1, np.float32) * np.diff(exact))
    values = np.concatenate([exact, middles, others, np.float32([65519, 65520, 1e9, np.inf])])
    given, result = os.path.join(folder, "x.npy"), os.path.join(folder, "y.npy")
    for dtype in np.float32, np.float64:
        np.save(given, values.astype(dtype))
        subprocess.run(["tlc", "einsum", "i->i", given, "--dtype", "f16", "-o", result], check=True)
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(np.load(result), values.astype(np.float16))


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    random = np.random.default_rng(7)
    numbers = random.integers(-100, 100, 1100) / 4
    for target in "i32", "f32", "c64":
        check_executable(folder, target, numbers)
    check_halves(folder, random)


main()
