"""Products by the kernel library and by kernels inside of the object: the same bits."""
import subprocess
import sys

import numpy as np

CASES = [
    ("ij,jk->ik", (70, 83), (83, 95)),
    ("ij,kj->ik", (129, 300), (131, 300)),
    ("ji,jk->ki", (400, 61), (400, 77)),
    ("abc,cd->abd", (9, 31, 65), (65, 120)),
    ("abij,bcjk->acik", (3, 5, 40, 44), (5, 2, 44, 38)),
    ("bij,bjk->bik", (9, 50, 90), (9, 90, 70)),
    ("abcd,ebfd->aecf", (6, 7, 20, 24), (5, 7, 18, 24)),
]


def shape(extents):
    return "x".join(map(str, extents))


def main():
    folder = sys.argv[1]
    numbers = np.random.default_rng(5)
    for dtype, name in ((np.float32, "f32"), (np.float64, "f64")):
        for equation, left, right in CASES:
            for number, extents in enumerate((left, right)):
                np.save(f"{folder}/{number}.npy", numbers.standard_normal(extents).astype(dtype))
            subprocess.run(["tlc", "einsum", equation, f"{folder}/0.npy", f"{folder}/1.npy",
                            "-o", f"{folder}/jit.npy"], check=True)
            subprocess.run(["tlc", "compile", "--einsum", equation, "--dtype", name, "--shapes",
                            f"{shape(left)},{shape(right)}", "--emit=exe", "-o", f"{folder}/exe"],
                           check=True)
            subprocess.run([f"{folder}/exe", f"0={folder}/0.npy", f"1={folder}/1.npy",
                            f"result={folder}/aot.npy"], check=True)
            jit, aot = np.load(f"{folder}/jit.npy"), np.load(f"{folder}/aot.npy")
            expected = np.einsum(equation, np.load(f"{folder}/0.npy"), np.load(f"{folder}/1.npy"))
            if jit.tobytes() != aot.tobytes():
                sys.exit(f"{equation} {name}: {np.abs(jit - aot).max()} apart")
            if not np.allclose(jit, expected, rtol=1e-3, atol=1e-3):
                sys.exit(f"{equation} {name}: wrong by {np.abs(jit - expected).max()}")
    print("same bits")


main()
