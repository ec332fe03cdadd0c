"""Reads files that NumPy wrote and compares what the runtime makes of them.

Usage: npy-files.py FILE-TOOL FOLDER
"""
import itertools
import os
import subprocess
import sys

import numpy as np

TOOL, FOLDER = sys.argv[1], sys.argv[2]
# What is read as which type: nothing is lost.
TYPES = {
    "b1": "b1", "i1": "i1", "u1": "i4", "i2": "i4", "u2": "i4", "i4": "i4", "u4": "i8",
    "i8": "i8", "f2": "f2", "f4": "f4", "f8": "f8", "c8": "c8", "c16": "c16",
}
SHAPES = [(), (1,), (0,), (7,), (3, 4), (4, 0, 2), (2, 3, 5), (1, 70, 61, 3), (1,) * 20]


def values(shape, type_name, generator):
    count = int(np.prod(shape, dtype=np.int64))
    raw = generator.integers(0, 256, size=(count, 16), dtype=np.uint8)
    if type_name == "b1":
        return (raw[:, 0] > 127).reshape(shape)
    size = np.dtype(type_name).itemsize
    return raw[:, :size].copy().view(type_name).reshape(shape)


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def main():
    generator = np.random.default_rng(1)
    os.makedirs(FOLDER, exist_ok=True)
    work, checks = [], []
    cases = itertools.product(TYPES, SHAPES, "<>", "CF", (1, 2, 3))
    for number, (kind, shape, endian, order, version) in enumerate(cases):
        array = values(shape, kind, generator)
        stored = np.array(array, dtype=np.dtype(endian + kind), order=order)
        path = f"{FOLDER}/{number}.npy"
        with open(path, "wb") as file:
            np.lib.format.write_array(file, stored, version=(version, 0))
        work += [path, f"{FOLDER}/{number}.out.npy"]
        checks.append((f"{FOLDER}/{number}.out.npy", array.astype(TYPES[kind])))
    for save, name in ((np.savez, "stored"), (np.savez_compressed, "deflated")):
        arrays = {"x": values((40, 50), "f8", generator), "y.z": np.arange(9),
                  "big": np.zeros((300, 400))}
        save(f"{FOLDER}/{name}.npz", **arrays)
        for member, array in arrays.items():
            target = f"{FOLDER}/{name}-{member}.npy"
            work += [f"{FOLDER}/{name}.npz#{member}", target]
            checks.append((target, array))
        save(f"{FOLDER}/one-{name}.npz", only=arrays["x"])
        work += [f"{FOLDER}/one-{name}.npz", f"{FOLDER}/one-{name}.out.npz"]
        checks.append((f"{FOLDER}/one-{name}.out.npz", arrays["x"]))
    for begin in range(0, len(work), 200):
        subprocess.run([TOOL, "convert"] + work[begin:begin + 200], check=True)
    for path, expected in checks:
        found = np.load(path)
        if path.endswith("npz"):
            found = found["arr_0"]
        assert same(found, np.ascontiguousarray(expected).reshape(expected.shape)), path
    print(len(checks), "files are equal")


main()
