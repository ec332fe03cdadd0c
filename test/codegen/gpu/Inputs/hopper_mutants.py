"""Changes one instruction at a time in the PTX of products for Hopper: a barrier, wait, fence, commit
or copy is deleted, a count, a number of bytes, a parity, a coordinate, a descriptor's step or a mask
changes. The interpreter must show nearly every change, as a wrong result or a fault.

usage: hopper_mutants.py FOLDER-OF-DRIVER ONE.ptx PAIR.ptx COUNT
       (bf16 "ik,jk->ij" with j, k = 64, 320 and two stages: i = 384 without clusters, 768 with them)"""
import os
import random
import re
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
from driver import Boxes, Device, DriverError, cuda  # noqa: E402

J, K = 64, 320


def to_bf16(x):
    """Rounded to nearest even."""
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


class Product:
    """The numbers of a kernel that one cluster runs, so that each block has three tiles."""

    def __init__(self, rows, parts):
        rng = np.random.default_rng(0)
        left, right = (rng.integers(-4, 5, shape) for shape in ((rows, K), (J, K)))
        self.left, self.right, self.result = map(to_bf16, (left, right, left @ right.T))
        self.parts = parts


# Two stages, two boxes for each consumer, the barriers.
SHARED = 2 * (128 + 64) * 128 + 4 * 64 * 128 + 2 * 16


def is_right(text, seed, product):
    os.environ["VGPU_SEED"], os.environ["VGPU_STEPS"] = str(seed), "3000000"
    cuda.cuDevicePrimaryCtxReset_v2(0)
    kernel = re.search(r"\.entry (\w+)\(", text).group(1)
    result = np.zeros_like(product.result)
    try:
        device = Device()
        device.run(device.load(text), kernel, (product.parts,), (384,),
                   [Boxes(product.left, (64, 128), 3),
                    Boxes(product.right, (64, 64 // product.parts), 3),
                    Boxes(result, (64, 64), 3)], SHARED)
        return np.array_equal(result, product.result)
    except DriverError:
        return False


def numbered(line, pattern, step):
    """The line with the number that the pattern's group finds changed."""
    found = re.search(pattern, line)
    return line[:found.start(1)] + str(int(found.group(1)) + step) + line[found.end(1):]


def changes(line):
    """The changed lines that a line becomes."""
    if re.search(r"mbarrier\.(init|arrive|try_wait)|bar\.sync|barrier\.cluster|fence\.|wgmma\.|"
                 r"cp\.async\.bulk|setmaxnreg\.dec", line):
        # The loop around a wait remains, with a predicate that nobody sets.
        yield "setp.eq.u32 done, 0, 0;" if "try_wait" in line else ""
    if "mbarrier.init" in line:
        yield numbered(line, r", (\d+);", 1)
        yield numbered(line, r", (\d+);", -1) if ", 1;" not in line else numbered(line, r", (\d+);", 2)
    if "expect_tx" in line:
        yield numbered(line, r", (\d+);", 128)
        yield numbered(line, r", (\d+);", -128)
    if "try_wait" in line:
        yield re.sub(r"(try_wait.*\]), .*;", r"\1, 0;", line)
        yield re.sub(r"(try_wait.*\]), .*;", r"\1, 1;", line)
    if "wgmma.wait_group" in line or "bulk.wait_group" in line:
        yield numbered(line, r" (\d+);", 2)
    if re.search(r"add\.s64 (left|right)", line):
        yield numbered(line, r", (\d+);", 2)
    found = re.search(r"\{(%r\d+), (%r\d+)\}\]", line)
    if found and "cp.async.bulk.tensor" in line:
        yield line.replace(found.group(0), "{%s, %s}]" % found.group(2, 1))
        if "shared::cluster.global" in line:
            yield line.replace(found.group(0), "{%s, %s}]" % (found.group(1), found.group(1)))
    if "bar.sync" in line and ", 128" in line:
        yield line.replace(", 128", ", 64")
    if "mapa" in line:
        yield re.sub(r", [^,]*;", ", 0;", line)
    if "wgmma.mma_async" in line:
        yield line.replace(", first, 1", ", always, 1") if "first" in line \
            else line.replace(", always, 1", ", first, 1")


def main():
    os.environ["VGPU_ARCH"] = "90"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    total, missed = 0, []
    for path, product in ((sys.argv[2], Product(384, 1)), (sys.argv[3], Product(768, 2))):
        with open(path) as file:
            lines = file.read().split("\n")
        for seed in range(5):
            assert is_right("\n".join(lines), seed, product), (path, seed)
        mutants = [(i, line, "\n".join(lines[:i] + [line] + lines[i + 1:]))
                   for i, old in enumerate(lines) for line in changes(old) if line != old]
        random.Random(1).shuffle(mutants)
        for i, line, text in mutants[:int(sys.argv[4])]:
            total += 1
            if all(is_right(text, seed, product) for seed in range(10)):
                missed.append("%s, line %d: %s becomes '%s'" % (os.path.basename(path), i + 1,
                                                               lines[i].strip(), line.strip()))
    print("\n".join(missed))
    caught = total - len(missed)
    print("caught %d of %d: %s" % (caught, total, "enough" if caught >= 0.95 * total else "too few"))


if __name__ == "__main__":
    main()
