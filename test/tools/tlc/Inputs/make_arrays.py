"""Writes small .npy files into the folder given: a (8x16), b (16x4), their kin in other types."""

import os
import sys

import numpy as np

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
a = (np.arange(128).reshape(8, 16) % 7 - 3).astype(np.float32)
b = (np.arange(64).reshape(16, 4) % 5 - 2).astype(np.float32)
for name, value in {"a": a, "b": b, "a64": a.astype(np.float64), "ints": np.arange(6).reshape(2, 3),
                    "distances": np.array([[0, 1, 9], [9, 0, 2], [1, 9, 0]], np.float32),
                    "c": a @ b}.items():
    np.save(os.path.join(folder, name + ".npy"), value)
