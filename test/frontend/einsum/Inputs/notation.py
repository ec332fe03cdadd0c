"""Compares `tlc einsum` with NumPy on the notation's corners.

usage: notation.py FOLDER    operands are written to the folder
"""

import os
import subprocess
import sys

import numpy as np

# Equation, shapes of the operands, and the equation for NumPy where it has no such notation.
CASES = [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    (" i j , j k -> i k ", [(2, 3), (3, 4)]),
    ("ba", [(2, 3)]),
    ("bA", [(2, 3)]),
    ("ij->", [(2, 3)]),
    ("ii->i", [(3, 3)]),
    ("ii", [(3, 3)]),
    ("iij->ji", [(2, 2, 3)]),
    ("i,i,i->i", [(3,), (3,), (3,)]),
    (",ij->ij", [(), (2, 3)]),
    ("ij,", [(2, 3), ()]),
    ("->", [()]),
    (",->", [(), ()]),
    ("...", [(2, 3)]),
    ("ij->ij...", [(2, 3)]),
    ("i...->i", [(2,)]),
    ("...,...", [(2, 3), (3,)]),
    ("b...a,...c", [(2, 3, 4), (5,)]),
    ("...ij,...jk->...ik", [(5, 2, 3), (1, 3, 4)]),
    ("ii...->i...", [(2, 2, 3)]),
    ("i...->...i", [(2, 3, 4)]),
    ("ij,jk->ik", [(2, 1), (3, 4)]),
    ("i,i->", [(1,), (5,)]),
    ("i,i->i", [(1,), (5,)]),
    ("...i,i->...", [(1, 3), (3,)]),
    ("ii,i->i", [(1, 1), (3,)]),
    ("ij->i", [(2, 0)]),
    ("ij,jk->ik", [(0, 2), (2, 3)]),
    ("i,i->i", [(1,), (0,)]),
    ("batch i k, k j -> batch i j", [(2, 3, 4), (4, 5)], "bik,kj->bij"),
    ("row x1, x1 col' -> col' row", [(3, 4), (4, 5)], "ij,jk->ki"),
    ("αβ,βγ->αγ", [(2, 3), (3, 4)], "ab,bc->ac"),
    ("日本,本語", [(2, 3), (3, 4)], "ab,bc->ac"),
    ("ab c,c->ab", [(2, 3, 4), (4,)], "abc,c->ab"),
]


def result(folder, equation, operands):
    paths = []
    for number, operand in enumerate(operands):
        paths.append(os.path.join(folder, f"{number}.npy"))
        np.save(paths[-1], operand)
    output = os.path.join(folder, "result.npy")
    subprocess.run(["tlc", "einsum", equation, *paths, "-o", output], check=True)
    return np.load(output)


def check(name, actual, expected):
    if actual.shape != expected.shape or not np.allclose(actual, expected, rtol=1e-12):
        sys.exit(f"{name}: {actual.tolist()} instead of {expected.tolist()}")


def main():
    folder = sys.argv[1]
    rng = np.random.default_rng(7)
    for equation, shapes, *other in CASES:
        operands = [rng.standard_normal(shape) for shape in shapes]
        check(equation, result(folder, equation, operands), np.einsum(*(other or [equation]), *operands))
    vector = rng.standard_normal(3)
    check("i->ii", result(folder, "i->ii", [vector]), np.diag(vector))
    print(f"{len(CASES) + 1} equations agree")


if __name__ == "__main__":
    main()
