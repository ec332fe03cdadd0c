"""Compares random einsums with NumPy.

Writes random equations and operands, has `einsum-cases` (a program over the public C++
API) compute them all in one process on strided views, and compares: exactly for bool and
integers, relative to the sum of absolute products for the rest.

usage: random_einsum.py [--count 200] [--seed 1] [--reference]
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile

import numpy as np

# Element type: (NumPy's type of the file, tolerance relative to the sum of |products|).
TYPES = {
    "bool": (np.bool_, 0), "i32": (np.int32, 0), "i64": (np.int64, 0),
    "f16": (np.float16, 1e-3), "bf16": (np.float32, 8e-3),
    "f32": (np.float32, 1e-5), "f64": (np.float64, 1e-12),
    "c64": (np.complex64, 1e-5), "c128": (np.complex128, 1e-12),
}
LABELS = "abcdefghABCDEFGH"
MAX_POINTS = 200_000


def random_extent(rng):
    return rng.choices([0, 1, 2, 3, 4, 5, 7, 9], [1, 3, 6, 6, 4, 3, 2, 1])[0]


def random_values(rng, dtype, shape):
    bits = np.random.default_rng(rng.getrandbits(32))
    if dtype == "bool":
        return bits.random(shape) < 0.6
    if dtype == "i32":
        return bits.integers(-2**31, 2**31, shape, dtype=np.int64).astype(np.int32)
    if dtype == "i64":
        return bits.integers(-2**63, 2**63 - 1, shape, dtype=np.int64)
    values = bits.uniform(-1, 1, shape)
    if dtype in ("c64", "c128"):
        values = values + 1j * bits.uniform(-1, 1, shape)
    values = np.asarray(values).astype(TYPES[dtype][0])
    if dtype == "bf16":  # exactly representable, so that the conversion loses nothing
        values = (values.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    return values


class Case:
    """One equation with operands on which NumPy agrees that it is legal."""

    def __init__(self, rng):
        self.dtype = rng.choice(list(TYPES))
        count = rng.choices(range(1, 7), [3, 6, 4, 2, 1, 1])[0]
        labels = LABELS[:rng.randint(1, 7)]
        if rng.random() < 0.3:
            labels = labels[::-1].swapcase() + labels
        extents = {label: random_extent(rng) for label in labels}
        ellipsis = [random_extent(rng) for _ in range(rng.randint(1, 2))]
        use_ellipsis = rng.random() < 0.2
        terms, self.operands, self.constant_axes = [], [], []
        for _ in range(count):
            term, operand, axes = self.random_operand(rng, labels, extents,
                                                      ellipsis if use_ellipsis else [])
            terms.append(term)
            self.operands.append(operand)
            self.constant_axes.append(axes)
        has_ellipsis = any("..." in term for term in terms)
        self.equation = ",".join(terms)
        used = sorted(set("".join(terms)) - set("."))
        if has_ellipsis or rng.random() < 0.8:
            output = rng.sample(used, rng.randint(0, min(len(used), 6)))
            if has_ellipsis:
                output.insert(rng.randint(0, len(output)), "...")
            self.equation += "->" + "".join(output)
        if rng.random() < 0.1:
            self.equation = self.equation.replace(",", " , ").replace("->", " -> ")

    def random_operand(self, rng, labels, extents, ellipsis):
        term = [rng.choice(labels) for _ in range(rng.choices(range(7), [1, 3, 6, 5, 3, 2, 1])[0])]
        shape = []
        for label in term:
            # A size of 1 broadcasts against the label's extent, except on a diagonal.
            broadcast = rng.random() < 0.05 and term.count(label) == 1
            shape.append(1 if broadcast else extents[label])
        if ellipsis and rng.random() < 0.8:
            rank = rng.randint(0, len(ellipsis))
            middle = [1 if rng.random() < 0.2 else e for e in ellipsis[len(ellipsis) - rank:]]
            at = rng.randint(0, len(term))
            term.insert(at, "...")
            shape[at:at] = middle
        values = random_values(rng, self.dtype, tuple(shape))
        axes = []
        for axis, extent in enumerate(shape):  # axes of equal slices: views may repeat them
            if extent > 1 and rng.random() < 0.05:
                values = np.repeat(np.take(values, [0], axis), extent, axis)
                axes.append(axis)
        return "".join(term), values, axes

    def is_small(self):
        sizes = {}
        for term, operand in zip(self.equation.split("->")[0].replace(" ", "").split(","),
                                 self.operands):
            before, _, after = term.partition("...")
            for label, extent in list(zip(before, operand.shape)) + \
                    list(zip(after[::-1], operand.shape[::-1])):
                sizes[label] = max(sizes.get(label, 1), extent)
        points = 1
        for extent in sizes.values():
            points *= max(extent, 1)
        return points * 25 <= MAX_POINTS

    def expected(self):
        """NumPy's result, in a type wide enough, and the sum of absolute products."""
        if self.dtype in ("bool", "i32", "i64"):
            with np.errstate(over="ignore"):
                return np.einsum(self.equation, *self.operands), None
        wide = np.complex128 if self.dtype in ("c64", "c128") else np.float64
        operands = [operand.astype(wide) for operand in self.operands]
        return (np.einsum(self.equation, *operands),
                np.einsum(self.equation, *[np.abs(operand) for operand in operands]))

    def check(self, result):
        """What is wrong with the result, or None."""
        expected, scale = self.expected()
        if result.shape != expected.shape:
            return f"shape {result.shape}, expected {expected.shape}"
        if scale is None:
            return None if np.array_equal(result, expected) else \
                f"{result.ravel()[:5]}, expected {expected.ravel()[:5]}"
        error = np.abs(result - expected)
        limit = TYPES[self.dtype][1] * scale + (1e-7 if self.dtype in ("f16",) else 0)
        if np.all(error <= limit):
            return None
        worst = np.argmax(error - limit)
        return (f"{result.ravel()[worst]}, expected {expected.ravel()[worst]}, "
                f"error {error.ravel()[worst]:.3g}, limit {limit.ravel()[worst]:.3g}")


def random_case(rng):
    while True:
        case = Case(rng)
        if not case.is_small():
            continue
        try:
            case.expected()
        except ValueError:  # e.g. a size of 1 on a diagonal of another extent
            continue
        return case


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--reference", action="store_true", help="run the interpreter instead")
    arguments = parser.parse_args()

    cases = [random_case(random.Random(f"{arguments.seed}/{i}")) for i in range(arguments.count)]
    with tempfile.TemporaryDirectory() as folder:
        lines = []
        for i, case in enumerate(cases):
            paths = []
            for j, operand in enumerate(case.operands):
                path = os.path.join(folder, f"{i}_{j}.npy")
                np.save(path, operand)
                axes = "+".join(map(str, case.constant_axes[j]))
                paths.append(f"{path}:{axes}")
            lines.append("\t".join([case.equation, case.dtype, os.path.join(folder, f"{i}.npy"),
                                    *paths]))
        listing = os.path.join(folder, "cases.tsv")
        with open(listing, "w") as file:
            file.write("\n".join(lines) + "\n")
        command = ["einsum-cases", listing, str(arguments.seed), str(arguments.threads)]
        if arguments.reference:
            command.append("reference")
        subprocess.run(command, check=True)

        failures = 0
        for i, case in enumerate(cases):
            problem = case.check(np.load(os.path.join(folder, f"{i}.npy")))
            if problem:
                failures += 1
                shapes = [operand.shape for operand in case.operands]
                print(f"case {i} (seed {arguments.seed}): {case.equation} {case.dtype} {shapes}: "
                      f"{problem}")
    print(f"{len(cases) - failures} of {len(cases)} einsums equal NumPy's")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
