"""Compares products whose results are larger than the caches with NumPy's."""
import subprocess
import sys

import numpy as np

CASES = [(np.float32, 140_000, 8, 2, 8), (np.float64, 60_000, 6, 3, 12)]

for dtype, batch, rows, depth, columns in CASES:
    random = np.random.default_rng(1)
    a = random.uniform(-1, 1, (batch, rows, depth)).astype(dtype)
    b = random.uniform(-1, 1, (batch, depth, columns)).astype(dtype)
    files = [f"{sys.argv[1]}.{name}.npy" for name in "abc"]
    np.save(files[0], a)
    np.save(files[1], b)
    subprocess.run(["tlc", "einsum", "bij,bjk->bik", *files[:2], "-o", files[2]], check=True)
    result = np.load(files[2])
    assert np.allclose(result, a @ b, rtol=0, atol=1e-5), (dtype, batch)
