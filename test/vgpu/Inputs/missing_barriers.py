"""Every barrier of the kernels with shared memory is needed: without it, some seed gives a wrong
sum."""
import os
import sys

import numpy as np

from driver import Device, DriverError, cuda

with open(os.path.join(sys.path[0], "small-kernels.ptx")) as file:
    lines = file.read().split("\n")
rng = np.random.default_rng(0)
a, b = (rng.normal(size=(40, 40)).astype(np.float32) for _ in "ab")


def is_right(text, kernel):
    cuda.cuDevicePrimaryCtxReset_v2(0)
    device = Device()
    module = device.load(text)
    try:
        if kernel == "tile":
            c = np.zeros((40, 40), np.float32)
            device.run(module, kernel, (3, 3), (16, 16), [c, a, b, np.int32(40)])
            return np.allclose(c, a @ b, rtol=1e-4, atol=1e-4)
        c = np.zeros(1, np.float32)
        device.run(module, kernel, (2,), (256,), [c, a, np.int32(a.size)])
        return np.allclose(c, a.sum(), rtol=1e-4, atol=1e-4)
    except DriverError:
        return False


def seeds_that_catch(text, kernel):
    caught = []
    for seed in range(10):
        os.environ["VGPU_SEED"] = str(seed)
        if not is_right(text, kernel):
            caught.append(seed)
    return caught


kernel, barriers = "", []
for i, line in enumerate(lines):
    if ".entry" in line:
        kernel = line.split(".entry ")[1].split("(")[0]
    if "bar.sync" in line and kernel in ("tile", "block_sum"):
        barriers.append((i, kernel))
# After the last barrier of the sum, thread 0 reads what it wrote itself.
barriers.remove([b for b in barriers if b[1] == "block_sum"][-1])

for kernel in ("tile", "block_sum"):
    assert not seeds_that_catch("\n".join(lines), kernel)
missed = [i + 1 for i, kernel in barriers
          if not seeds_that_catch("\n".join(lines[:i] + lines[i + 1:]), kernel)]
print("missed:", missed, "of", len(barriers))
sys.exit(bool(missed))
