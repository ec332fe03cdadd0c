"""Changes one instruction at a time in the PTX of a product in tiles and of a long sum: a barrier or
a write to shared memory is deleted, a read moves by one element, a branch is turned round. The
interpreter must show nearly every change, as a wrong result or a fault, under one of some seeds.

usage: mutants.py FOLDER-OF-DRIVER PRODUCT.ptx SUM.ptx COUNT
       (ij,jk->ik of 64x37 and 37x64; i,i-> of 1999)"""
import os
import random
import re
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
from driver import Device, DriverError, cuda  # noqa: E402

rng = np.random.default_rng(0)
A, B = rng.normal(size=(64, 37)).astype(np.float32), rng.normal(size=(37, 64)).astype(np.float32)
X, Y = rng.normal(size=1999).astype(np.float32), rng.normal(size=1999).astype(np.float32)


def is_right(text, seed, is_product):
    os.environ["VGPU_SEED"], os.environ["VGPU_STEPS"] = str(seed), "3000000"
    cuda.cuDevicePrimaryCtxReset_v2(0)
    kernel = re.search(r"\.entry (\w+)\(", text).group(1)
    try:
        device = Device()
        module = device.load(text)
        if is_product:
            result = np.zeros((64, 64), np.float32)
            device.run(module, kernel, (1,), (256,), [A, B, result])
            return np.allclose(result, A @ B, rtol=1e-4, atol=1e-4)
        result = np.zeros(1, np.float32)
        device.run(module, kernel, (1,), (256,), [X, Y, result])
        return np.allclose(result, X @ Y, rtol=1e-4, atol=1e-4)
    except DriverError:
        return False


def mutants(lines):
    for i, line in enumerate(lines):
        changed = None
        if "bar.sync" in line or "st.shared" in line:
            changed = ""
        elif "ld.shared" in line:
            changed = re.sub(r"(\+-?\d+)?\]", lambda m: "+%d]" % (int((m.group(1) or "+0")[1:]) + 16), line)
        elif re.search(r"@%p\d+ bra", line):
            changed = line.replace("@%p", "@!%p")
        if changed is not None:
            yield i, line.strip(), "\n".join(lines[:i] + [changed] + lines[i + 1:])


def main():
    # What is deleted or moved is printed on stderr by the interpreter: not of interest here.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    total, missed = 0, []
    for path, is_product in ((sys.argv[2], True), (sys.argv[3], False)):
        with open(path) as file:
            lines = file.read().split("\n")
        for seed in range(5):
            assert is_right("\n".join(lines), seed, is_product), "the kernel itself is wrong"
        all_mutants = list(mutants(lines))
        barriers = [m for m in all_mutants if "bar" in m[1]]
        rest = [m for m in all_mutants if "bar" not in m[1]]
        random.Random(1).shuffle(rest)
        for i, line, text in barriers + rest[:int(sys.argv[4])]:
            total += 1
            if all(is_right(text, seed, is_product) for seed in range(1, 9)):
                missed.append("line %d: %s" % (i + 1, line))
    print("\n".join(missed))
    caught = total - len(missed)
    print("caught %d of %d: %s" % (caught, total, "enough" if caught >= 0.95 * total else "too few"))


if __name__ == "__main__":
    main()
