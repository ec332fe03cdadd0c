"""Runs the kernels of small-kernels.ptx, which nvcc made from small-kernels.cu, against NumPy."""
import math
import os
import sys

import numpy as np

from driver import Device

device = Device()
with open(os.path.join(os.path.dirname(__file__), "small-kernels.ptx")) as file:
    module = device.load(file.read())
rng = np.random.default_rng(int(os.environ.get("VGPU_SEED", 0)))
i32, f32 = np.int32, np.float32

n = 1000
x, y = rng.normal(size=n).astype(f32), rng.normal(size=n).astype(f32)
expected = f32(1.5) * x + y
device.run(module, "saxpy", (8,), (128,), [y, x, f32(1.5), i32(n)])
assert np.allclose(y, expected, rtol=1e-6, atol=1e-6)

total = np.zeros(1, f32)
device.run(module, "block_sum", (3,), (256,), [total, x, i32(n)])
assert np.allclose(total, x.sum(dtype=np.float64), rtol=1e-4, atol=1e-4)

most, numbers = np.zeros(1, i32), rng.integers(-999, 999, n).astype(i32)
device.run(module, "warp_max", (1,), (32,), [most, numbers, i32(n)])
assert most[0] == numbers.max()

h, b = rng.normal(size=20).astype(np.float16), rng.normal(size=20).astype(f32)
o, p = np.zeros(20, np.float16), np.zeros(20, np.uint16)
q = (b.view(np.uint32) >> 16).astype(np.uint16)
device.run(module, "halves", (1,), (32,), [o, h, p, q, i32(20)])
wide = h.astype(np.float64)
assert np.array_equal(o, (wide * wide + wide).astype(np.float16))
exact = (q.astype(np.uint32) << 16).view(f32) * f32(3)
assert np.allclose((p.astype(np.uint32) << 16).view(f32), exact, rtol=2 ** -8)

a, b = rng.integers(-100, 100, 50), np.abs(rng.normal(size=50)) * 10
o = np.zeros(50)
device.run(module, "mix", (1,), (64,), [o, a, b, i32(50)])
rest, third = np.fmod(a, 7), np.trunc(a / 3)
ones = np.array([bin(int(v) & (2 ** 64 - 1)).count("1") for v in a])
assert np.allclose(o, np.sqrt(b) / (rest + 8) + np.floor(b) * third + ones +
                   np.where(a > 5, 1.5, np.abs(b)))

n = 37
a, b = rng.normal(size=(n, n)).astype(f32), rng.normal(size=(n, n)).astype(f32)
c = np.zeros((n, n), f32)
device.run(module, "tile", (3, 3), (16, 16), [c, a, b, i32(n)])
assert np.allclose(c, a @ b, rtol=1e-4, atol=1e-4)

x = rng.normal(size=30).astype(f32) * 3
o = np.zeros(30, f32)
device.run(module, "fn", (1,), (32,), [o, x, i32(30)])
assert np.allclose(o, [math.exp(v) + math.tanh(v) + math.log(abs(v) + 1) + math.erf(v) for v in x],
                   rtol=1e-5)
print("all kernels agree")
