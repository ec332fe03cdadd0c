"""Reads text that NumPy wrote, and reads back what the runtime writes.

Usage: text-files.py FILE-TOOL FOLDER
"""
import os
import subprocess
import sys

import numpy as np

TOOL, FOLDER = sys.argv[1], sys.argv[2]
MARKS = {"csv": ",", "tsv": "\t", "txt": None}
EXTREMES = [0.0, -0.0, 0.1, 1 / 3, 1e300, 5e-324, np.inf, -np.inf, np.nan, 123456789.0, -2.5e-7]


def convert(*paths):
    # A program's locale may write a comma for the decimal point; the runtime does not care.
    subprocess.run([TOOL, "convert"] + list(paths), check=True)


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def reading():
    generator = np.random.default_rng(3)
    integers = generator.integers(-2**63, 2**63 - 1, size=(20, 3))
    reals = generator.standard_normal((11, 4)) * 10.0 ** generator.integers(-300, 300, (11, 4))
    for ending, mark in MARKS.items():
        path, out = f"{FOLDER}/a.{ending}", f"{FOLDER}/a.npy"
        np.savetxt(path, integers, fmt="%d", delimiter=mark or "  ", header="a b c")
        convert(path, out)
        assert same(np.load(out), integers), path
        np.savetxt(path, reals, fmt="%.17g", delimiter=mark or " ", newline="\r\n")
        convert(path, out)
        assert same(np.load(out), reals), path
        np.savetxt(path, reals[:, :1], fmt="%.17g")
        convert(path, out)
        assert same(np.load(out), reals[:, 0]), path
    print("matrices are read")


def writing():
    for kind in ("b1", "i1", "i4", "i8", "f2", "f4", "f8"):
        for shape in ((), (11,), (11, 1), (1, 11), (3, 11)):
            count = int(np.prod(shape))
            with np.errstate(all="ignore"):
                array = np.resize(np.array(EXTREMES).astype(kind) if kind[0] == "f" else
                                  np.arange(-5, 6).astype(kind), count).reshape(shape)
            np.save(f"{FOLDER}/b.npy", array)
            for ending, mark in MARKS.items():
                path = f"{FOLDER}/b.{ending}"
                convert(f"{FOLDER}/b.npy", path, path, f"{FOLDER}/c.npy")
                expected = array.astype("f8" if kind[0] == "f" else "i8")
                if array.ndim < 2 or shape[1] == 1:
                    expected = expected.reshape(-1)
                # f2 and f4 are written as short as they can be: their value comes back in that type.
                back = np.load(f"{FOLDER}/c.npy")
                if kind in ("f2", "f4"):
                    back, expected = back.astype(kind), expected.astype(kind)
                assert same(back, expected), (kind, shape, ending)
                assert np.loadtxt(path, delimiter=mark).size == count
    print("matrices come back")


os.makedirs(FOLDER, exist_ok=True)
reading()
writing()
