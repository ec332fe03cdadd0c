"""Random einsums on the GPU of TLRT_LIBCUDA against NumPy.

usage: random_einsums.py FIRST COUNT

Ranks 0 to 5, extents from 1 (and now and then 0) to a few tiles, repeated and summed indices,
every element type, transposed results. Each runs under a seed of its own."""
import os
import random
import subprocess
import sys
import tempfile

import numpy as np

TYPES = ["float32", "float32", "float32", "float64", "float16", "int32", "int64", "complex64",
         "complex128", "bool"]
SEMIRINGS = ["sum_product"] * 6 + ["max_plus", "min_plus", "max_times", "max_min", "log_sum_exp"]


def array(rng, shape, dtype):
    if dtype == "bool":
        return rng.random(shape) < 0.3
    if dtype.startswith("int"):
        return rng.integers(-5, 6, shape).astype(dtype)
    values = rng.normal(size=shape)
    if dtype.startswith("complex"):
        values = values + 1j * rng.normal(size=shape)
    return values.astype(dtype)


def equation(chance):
    """Operands' index strings, the result's, and extents."""
    letters = "abcdefg"[:chance.randint(1, 6)]
    limit = chance.choice([4, 9, 20, 70])
    extents = {c: chance.randint(1, limit) for c in letters}
    if chance.random() < 0.03:
        extents[letters[0]] = 0
    operands = ["".join(chance.choice(letters) for _ in range(chance.randint(0, 4)))
                for _ in range(chance.choice([1, 2, 2, 2, 3]))]
    used = sorted(set("".join(operands)))
    result = chance.sample(used, chance.randint(0, len(used)))
    return operands, "".join(result), extents


def expected(semiring, operands, result, arrays, extents):
    """Brute force over all indices, with broadcasting."""
    letters = result + "".join(sorted(set("".join(operands)) - set(result)))
    space = [extents[c] for c in letters]
    total = None
    for names, values in zip(operands, arrays):
        index = np.ix_(*[np.arange(extents[c]) for c in letters]) if letters else ()
        picked = values[tuple(index[letters.index(c)] for c in names)]
        picked = np.broadcast_to(picked, space)
        if total is None:
            total = picked
        elif semiring in ("sum_product", "max_times"):
            total = total & picked if picked.dtype == bool else total * picked
        elif semiring == "max_min":
            total = np.minimum(total, picked)
        else:
            total = total + picked
    axes = tuple(range(len(result), len(letters)))
    if total.dtype == bool:
        return total.any(axes)
    if semiring == "sum_product":
        return total.sum(axes)
    if semiring == "log_sum_exp":
        return np.logaddexp.reduce(total.reshape(total.shape[:len(result)] + (-1,)), -1) \
            if axes else total
    best = np.min if semiring == "min_plus" else np.max
    lowest = {"min_plus": np.inf, "max_times": 0}.get(semiring, -np.inf)
    return best(total, axes, initial=lowest) if axes or semiring == "max_times" else total


def size(operands, extents):
    return np.prod([float(extents[c]) for c in sorted(set("".join(operands)))] or [1])


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            chance, rng = random.Random(seed), np.random.default_rng(seed)
            while True:
                operands, result, extents = equation(chance)
                if size(operands, extents) < 3e5:
                    break
            semiring, dtype = chance.choice(SEMIRINGS), chance.choice(TYPES)
            if semiring != "sum_product":
                dtype = chance.choice(["float32", "float64"])
            arrays = [array(rng, [extents[c] for c in names], dtype) for names in operands]
            if semiring == "max_times":
                arrays = [abs(a) for a in arrays]
            files = []
            for i, values in enumerate(arrays):
                files.append(os.path.join(folder, "%d.npy" % i))
                np.save(files[-1], values)
            text = ",".join(operands) + "->" + result
            output = os.path.join(folder, "out.npy")
            done = subprocess.run(["tlc", "einsum", text] + files + ["-o", output, "--target", "gpu",
                                  "--semiring", semiring],
                                  env=dict(os.environ, VGPU_SEED=str(seed)),
                                  stderr=subprocess.PIPE, text=True)
            wide = [a.astype(np.float64) if dtype == "float16" else a for a in arrays]
            with np.errstate(all="ignore"):
                right = expected(semiring, operands, result, wide, extents)
            tolerance = {"float16": 2e-2, "float32": 1e-4, "complex64": 1e-4}.get(dtype, 1e-10)
            if done.returncode or not np.allclose(np.load(output), right, rtol=tolerance,
                                                  atol=tolerance):
                failures += 1
                print("seed", seed, text, extents, semiring, dtype, done.stderr)
    print("%d einsums, %d failures" % (count, failures))
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
