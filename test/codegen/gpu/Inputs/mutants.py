"""Changes one instruction at a time in the PTX of every family of kernels: a barrier, a wait or a
group of copies is deleted or comes late, a write or a copy to shared memory is deleted or moves, a read
moves by one element, a branch is turned round. The interpreter must show nearly every change, as a
wrong result or a fault, under one of some seeds.

usage: mutants.py FOLDER-OF-DRIVER COUNT FAMILY=FILE.ptx...     COUNT: mutants of each, beside those
                                                                of all barriers, waits and groups"""
import os
import random
import re
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
from driver import Device, DriverError, cuda  # noqa: E402

rng = np.random.default_rng(0)


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32)


def half(*shape):
    return rng.normal(size=shape).astype(np.float16)


def attention(q, k, v):
    scores = q.astype(np.float64) @ k.T
    weights = np.exp(scores - scores.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True) @ v


def norm(x):
    x = x.astype(np.float64) - x.mean(1, keepdims=True)
    return x / np.sqrt((x * x).mean(1, keepdims=True) + 1e-5)


class Family:
    def __init__(self, arrays, expected, grid, block, shared=0, tolerance=1e-4):
        self.arrays, self.grid, self.block, self.shared = arrays, grid, block, shared
        self.expected, self.tolerance = expected(*arrays), tolerance

    def is_right(self, text, seed):
        os.environ["VGPU_SEED"], os.environ["VGPU_STEPS"] = str(seed), "3000000"
        cuda.cuDevicePrimaryCtxReset_v2(0)
        kernel = re.search(r"\.entry (\w+)\(", text).group(1)
        result = np.zeros(self.expected.shape, self.arrays[0].dtype)
        try:
            device = Device()
            device.run(device.load(text), kernel, (self.grid,), (self.block,),
                       self.arrays + [result], self.shared)
        except DriverError:
            return False
        # What is no number compares with nothing, silently.
        with np.errstate(all="ignore"):
            return np.allclose(result.astype(np.float64), self.expected, rtol=self.tolerance,
                               atol=self.tolerance)


FAMILIES = {
    # ij,jk->ik of 64 x 37 and 37 x 64
    "simt": Family([normal(64, 37), normal(37, 64)], lambda a, b: a @ b, 1, 256),
    # i,i-> of 1999
    "sum": Family([normal(1999), normal(1999)], lambda a, b: np.array([a @ b]), 1, 256),
    # ij,jk->ik of 64 x 328 and 328 x 64 in f16
    "mma": Family([half(64, 328), half(328, 64)],
                  lambda a, b: a.astype(np.float64) @ b.astype(np.float64), 1, 128,
                  64 * 128 * 2 * 3, 5e-2),
    # ij->ji of 70 x 40
    "transpose": Family([normal(70, 40)], lambda a: a.T, 6, 256),
    # lnorm of rows; a softmax does not depend on the maximum that it subtracts
    "norm": Family([normal(3, 2100)], norm, 3, 256),
    "attention": Family([normal(70, 20), normal(100, 20), normal(100, 24)], attention, 2, 256,
                        36 * 1024),
}


def moved(line, bytes):
    return re.sub(r"(\+-?\d+)?\]", lambda m: "+%d]" % (int((m.group(1) or "+0")[1:]) + bytes), line,
                  count=1)


def mutants(lines):
    """(line, the line as it was, whether it is about order, the text)."""
    for i, line in enumerate(lines):
        changes = []
        isOrder = False
        if re.search(r"bar\.sync|barrier|cp\.async\.commit_group|cp\.async\.wait", line):
            changes.append("")
            isOrder = True
            wait = re.search(r"wait_group\s+(\d+)", line)
            if wait:
                changes.append(line.replace(wait.group(1) + ";", str(int(wait.group(1)) + 1) + ";"))
        elif "cp.async" in line:
            changes += ["", moved(line, 16)]
        elif "st.shared" in line or "shfl" in line:
            changes.append("")
        elif "ld.shared" in line or "ldmatrix" in line:
            changes.append(moved(line, 16))
        elif re.search(r"@%p\d+ bra", line):
            changes.append(line.replace("@%p", "@!%p"))
        for changed in changes:
            yield i, line.strip(), isOrder, "\n".join(lines[:i] + [changed] + lines[i + 1:])


def main():
    # What is deleted or moved is printed on stderr by the interpreter: not of interest here.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    total, missed = 0, []
    for argument in sys.argv[3:]:
        name, path = argument.split("=", 1)
        family = FAMILIES[name]
        with open(path) as file:
            lines = file.read().split("\n")
        for seed in range(5):
            assert family.is_right("\n".join(lines), seed), name + ": the kernel itself is wrong"
        found = list(mutants(lines))
        order = [m for m in found if m[2]]
        rest = [m for m in found if not m[2]]
        random.Random(1).shuffle(rest)
        chosen = order + rest[:int(sys.argv[2])]
        caught = 0
        for i, line, _, text in chosen:
            if any(not family.is_right(text, seed) for seed in range(1, 9)):
                caught += 1
            else:
                missed.append("%s line %d: %s" % (name, i + 1, line))
        total += len(chosen)
        print("%s: %d of %d" % (name, caught, len(chosen)))
    print("\n".join(missed))
    caught = total - len(missed)
    print("caught %d of %d: %s" % (caught, total, "enough" if caught >= 0.95 * total else "too few"))


if __name__ == "__main__":
    main()
