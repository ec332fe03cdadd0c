"""Products with Clebsch-Gordan coefficients up to L = 3 are straight-line code for the elements that are not zero."""
import json
import os
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.join(sys.argv[1], "examples", "14-low-rank"))
from generate import coupling  # noqa: E402

os.makedirs(sys.argv[2], exist_ok=True)
os.chdir(sys.argv[2])
random = np.random.default_rng(2)


def all_up_to(largest):
    """The coefficients for all l up to `largest` in one array."""
    size = (largest + 1) ** 2
    result = np.zeros((size, size, size), np.float32)
    parts = [(l, slice(l * l, (l + 1) ** 2)) for l in range(largest + 1)]
    for l1, first in parts:
        for l2, second in parts:
            for l, third in parts:
                if abs(l1 - l2) <= l <= l1 + l2:
                    result[first, second, third] = coupling(l1, l2, l)
    return result


def check(name, c, second):
    """A product for each node n and channel f; `second` are the indices of the second factor."""
    extents = {"n": 20, "f": 16}
    x = random.standard_normal((20, 16, c.shape[0])).astype(np.float32)
    y = random.standard_normal([extents[index] for index in second] + [c.shape[1]])
    y = y.astype(np.float32)
    np.savez("data.npz", c=c, x=x, y=y)
    with open("coupling.tl", "w") as file:
        file.write(f"""X[n, f, i] = "data.npz#x"
Y[{second}, j] = "data.npz#y"
lowrank(1e-5) C[i, j, k] = "data.npz#c"
Z[n, f, k] = C[i, j, k] X[n, f, i] Y[{second}, j]
output Z
""".replace("[nf", "[n, f"))
    explained = subprocess.run(["tlc", "explain", "coupling.tl", "--json"], check=True,
                               stdout=subprocess.PIPE).stdout
    report = [entry for entry in json.loads(explained)["low_rank"] if entry["tensor"] == "C"][0]
    assert report["form"] == "sparse" and report["error"] <= 1e-5, (name, report)
    subprocess.run(["tlc", "run", "coupling.tl", "--get", "Z=z.npy"], check=True)
    full = np.einsum(f"ijk,nfi,{second}j->nfk", c.astype(float), x, y)
    np.testing.assert_allclose(np.load("z.npy"), full, atol=1e-4 * np.abs(full).max())
    print(f"{name}: {report['elements']:.0f} of {c.size}")


for degree in (1, 2, 3):
    check(f"{degree} and {degree} to {degree}", coupling(degree, degree, degree), "n")
    check(f"all up to {degree}", all_up_to(degree), "nf")
print("coupling: ok")
