"""Products of matrices for Hopper on the interpreter, against NumPy.

usage: hopper.py CASES [FIRST-SEED SEEDS]

CASES is a comma-separated list of names below; each runs under all seeds."""
import os
import subprocess
import sys
import tempfile

import numpy as np

# name: (type, equation, extents, changes of tiles, a map on the result)
CASES = {
    "plain": ("bf16", "ik,kj->ij", dict(i=128, j=64, k=128), "cluster=1"),
    "half": ("f16", "ik,jk->ij", dict(i=128, j=64, k=128), "cluster=1"),
    # More k than stages, more tiles than multiprocessors, wide tiles.
    "ring": ("bf16", "ik,kj->ij", dict(i=256, j=64, k=384), "cluster=1 stages=2"),
    "tiles": ("bf16", "ik,jk->ij", dict(i=640, j=128, k=64), "cluster=1"),
    "wide": ("bf16", "ik,kj->ij", dict(i=128, j=256, k=64), "cluster=1 tiles=1"),
    # Beyond the end are zeros.
    "ragged": ("bf16", "ik,kj->ij", dict(i=200, j=136, k=104), "cluster=1"),
    "tiny": ("f16", "ik,jk->ij", dict(i=33, j=24, k=16), ""),
    # Contiguous along any dimension.
    "left-m": ("bf16", "ki,kj->ij", dict(i=128, j=64, k=96), "cluster=1"),
    "all-mn": ("f16", "ki,kj->ij", dict(i=136, j=128, k=40), "cluster=1 n=128 tiles=1"),
    "result-m": ("bf16", "ki,jk->ji", dict(i=72, j=128, k=64), "cluster=1"),
    # Batches and groups of several dimensions.
    "batch": ("bf16", "bik,bkj->bij", dict(b=3, i=64, j=32, k=48), "cluster=1"),
    "groups": ("bf16", "akcm,nak->cnm", dict(a=2, k=24, c=3, m=16, n=40), "cluster=1"),
    "odd": ("f16", "acik,ajk->icj", dict(a=2, c=5, i=24, k=32, j=20), "cluster=1"),
    "inner": ("f16", "xiyk,kyxj->ij", dict(x=2, i=64, y=3, k=16, j=64), "cluster=1"),
    # Clusters of two.
    "pair": ("bf16", "ik,jk->ij", dict(i=256, j=64, k=192), ""),
    "pairs": ("bf16", "ik,kj->ij", dict(i=1280, j=64, k=64), "stages=2"),
    "pair-wide": ("f16", "ik,kj->ij", dict(i=256, j=256, k=96), "tiles=1"),
    # TF32 and results in f32.
    "tf32": ("f32", "ik,jk->ij", dict(i=128, j=64, k=72), "cluster=1"),
    "tf32-ragged": ("f32", "ik,jk->ij", dict(i=136, j=68, k=36), ""),
    # A map on the sums, which reads other tensors: stored by the copy engine, and by the threads.
    "map": ("bf16", "ik,kj->ij", dict(i=136, j=72, k=40), "", "relu(%s + E[j]) + D[i, j]"),
    "map-threads": ("f16", "ik,jk->ij", dict(i=72, j=20, k=40), "", "relu(%s + E[j]) + D[i, j]"),
    "map-swapped": ("f16", "ki,jk->ji", dict(i=72, j=136, k=40), "", "relu(%s + E[j]) + D[i, j]"),
}


def run(name, seed, folder):
    dtype, equation, extents, tiles, mapped = (CASES[name] + ("%s",))[:5]
    operands, result = equation.split("->")
    terms = operands.split(",") + ["ij", "j"]
    rng = np.random.default_rng(seed)
    arrays, command = {}, []
    used = "ABDE" if "D" in mapped else "AB"
    for tensor, names in zip(used, terms):
        values = rng.integers(-4, 5, [extents[c] for c in names]).astype(np.float32)
        # Integers of this size are exact in every type, and so are their sums.
        arrays[tensor] = values
        path = os.path.join(folder, tensor + ".npy")
        np.save(path, values)
        command += ["--set", "%s=%s" % (tensor, path)]
    text = ["input %s[%s] : %s" % (t, ", ".join(n), dtype)
            for t, n in zip(used, terms)]
    text += ["domain %s = %d" % item for item in extents.items()]
    product = "A[%s] B[%s]" % tuple(", ".join(names) for names in terms[:2])
    text += ["C[%s] = %s" % (", ".join(result), mapped.replace("%s", product))]
    program, output = os.path.join(folder, "p.tl"), os.path.join(folder, "c.npy")
    with open(program, "w") as file:
        file.write("\n".join(text + ["C?"]) + "\n")
    env = dict(os.environ, VGPU_ARCH="90", VGPU_SEED=str(seed), TLC_FORCE_LOWERING=tiles)
    common = [program, "--dtype", dtype, "--target", "gpu", "--gpu-arch", "sm_90a", "--allow-tf32"]
    done = subprocess.run(["tlc", "run"] + common + command + ["--get", "C=" + output], env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        return done.stdout[-600:]
    expected = np.einsum(operands + "->ij", arrays["A"], arrays["B"]) if used == "ABDE" \
        else np.einsum(equation, arrays["A"], arrays["B"])
    if used == "ABDE":
        expected = np.maximum(expected + arrays["E"], 0) + arrays["D"]
        expected = expected.transpose(["ij".index(c) for c in result])
    if dtype != "f32":
        bits = {"bf16": 7, "f16": 10}[dtype]
        unit = 2.0 ** (np.floor(np.log2(np.maximum(abs(expected), 1))) - bits)
        expected = np.round(expected / unit) * unit
    actual = np.load(output).astype(np.float32)
    if np.array_equal(actual, expected):
        return None
    wrong = np.argwhere(actual != expected)
    return "%d of %d wrong, first at %s: %r instead of %r" % (
        len(wrong), actual.size, wrong[0], actual[tuple(wrong[0])], expected[tuple(wrong[0])])


def main():
    names = CASES if sys.argv[1] == "all" else sys.argv[1].split(",")
    first, seeds = (int(n) for n in (sys.argv[2:] + ["0", "2"])[:2]) if len(sys.argv) < 4 \
        else (int(sys.argv[2]), int(sys.argv[3]))
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            for seed in range(first, first + seeds):
                problem = run(name, seed, folder)
                if problem:
                    failures += 1
                    print(name, "seed", seed, problem)
    print("%d products, %d failures" % (len(names), failures))


if __name__ == "__main__":
    main()
