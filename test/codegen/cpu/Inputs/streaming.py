"""Results larger than the caches, which are written past them, compared with NumPy.

    streaming.py TLC

Rows are in turn multiples of a vector and not, so that their vectors are aligned or not.
"""
import subprocess
import sys

import numpy as np

PROGRAM = """input X[i, j]
input Y[i, j]
domain i = {rows}; domain j = {columns}
Chain[i, j] = relu(2.5 X[i, j] + Y[i, j])
Turned[j, i] = X[i, j]
Soft[i, j.] = softmax(X[i, j])
Normal[i, j.] = lnorm(X[i, j])
Sums[j] = Y[i, j]
output Chain; output Turned; output Soft; output Normal; output Sums
"""
# The last-level cache that the compiler counts on is at most 16 MiB, twice of which is less.
SIZES = [(2912, 2944), (2901, 2903)]


def expected(x, y):
    shifted = np.exp(x - x.max(axis=1, keepdims=True))
    centred = x - x.mean(axis=1, keepdims=True, dtype=np.float64)
    deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    return {"Chain": np.maximum(np.float32(2.5) * x + y, 0), "Turned": x.T,
            "Soft": shifted / shifted.sum(axis=1, keepdims=True), "Normal": centred / deviation,
            "Sums": y.sum(axis=0, dtype=np.float64)}


def main(tlc):
    rng = np.random.default_rng(1)
    for rows, columns in SIZES:
        x, y = (8 * rng.standard_normal((2, rows, columns), dtype=np.float32))
        x[7, :] = -np.inf  # a row without a largest element
        x[8, 5], x[9, 0] = np.nan, -np.inf
        np.save("x.npy", x)
        np.save("y.npy", y)
        with np.errstate(invalid="ignore"):
            wanted = expected(x, y)
        with open("program.tl", "w") as file:
            file.write(PROGRAM.format(rows=rows, columns=columns))
        command = [tlc, "run", "program.tl", "--no-cache", "--set", "X=x.npy", "--set", "Y=y.npy"]
        for name in wanted:
            command += ["--get", f"{name}={name}.npy"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for name, value in wanted.items():
            found = np.load(f"{name}.npy")
            same = np.allclose(found, value, rtol=1e-5, atol=1e-5 if name != "Sums" else 1e-2,
                               equal_nan=True)
            print(rows, columns, name, "same" if same else "different")


main(*sys.argv[1:])
