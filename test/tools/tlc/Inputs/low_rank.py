"""Programs with weights of known rank: what `tlc` computes with their factors stays within the stated error."""
import json
import os
import subprocess
import sys

import numpy as np

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
os.chdir(folder)
random = np.random.default_rng(5)


def tlc(*arguments, code=0):
    done = subprocess.run(["tlc", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == code, (arguments, done.returncode, done.stderr.decode())
    return (done.stdout if code == 0 else done.stderr).decode()


def draw(dtype, *shape):
    values = random.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * random.standard_normal(shape)
    return values.astype(dtype)


def check(name, dtype, eps, equation, x, w, program):
    """Compares y = equation(x, w) with the error that explain states."""
    np.save("x.npy", x)
    np.save("w.npy", w)
    with open("program.tl", "w") as file:
        file.write(program.format(type=name, eps=eps))
    report = json.loads(tlc("explain", "program.tl", "--json"))["low_rank"]
    assert len(report) == 1 and report[0]["tensor"] == "W", report
    assert "reason" not in report[0] and report[0]["error"] <= eps, report
    tlc("run", "program.tl", "--get", "Y=y.npy")
    y, full = np.load("y.npy"), np.einsum(equation, x.astype(complex), w.astype(complex))
    # Rounding in between comes on top: of inputs, of factors' products, of results.
    unit = {"f16": 2**-11, "bf16": 2**-8, "f32": 2**-24, "c64": 2**-24}.get(name, 2**-53)
    bound = (report[0]["error"] * np.linalg.norm(x) * np.linalg.norm(w)
             + 8 * unit * np.sqrt(x.size) * np.linalg.norm(full))
    assert np.linalg.norm(y - full) <= bound, (name, np.linalg.norm(y - full), bound)
    return report[0]


LAYER = """X[b, i] = "x.npy"
lowrank({eps}) W[i, j] = "w.npy"
Y[b, j] = X[b, i] W[i, j]
output Y
"""
for name, dtype, eps in [("f16", np.float16, 1e-2), ("f32", np.float32, 1e-4),
                         ("f64", np.float64, 1e-9), ("c64", np.complex64, 1e-4),
                         ("c128", np.complex128, 1e-9)]:
    x = draw(dtype, 200, 96)
    w = (draw(dtype, 96, 4) @ draw(dtype, 4, 80) / 8).astype(dtype)
    found = check(name, dtype, eps, "bi,ij->bj", x, w, LAYER)
    assert found["form"] == "matrix" and found["ranks"] == [4], found

# A convolution with few combinations of channels, on both sides.
image = draw(np.float32, 4, 18, 18, 64)
core, left, right = draw(np.float32, 3, 3, 12, 16), draw(np.float32, 64, 12), draw(np.float32, 16, 64)
kernel = np.einsum("xypq,cp,qs->xycs", core, left, right)
np.save("x.npy", image)
np.save("w.npy", kernel)
with open("program.tl", "w") as file:
    file.write("""X[b, x, y, c] = "x.npy"
lowrank(1e-4) W[dx, dy, c, s] = "w.npy"
domain u, v = 16
Y[b, u, v, s] = X[b, u+dx, v+dy, c] W[dx, dy, c, s]
output Y
""")
report = json.loads(tlc("explain", "program.tl", "--json"))["low_rank"][0]
assert report["form"] == "tucker" and report["ranks"] == [12, 16], report
assert "low rank: 'W' is tucker of ranks 12, 16" in tlc("explain", "program.tl")
tlc("run", "program.tl", "--get", "Y=y.npy")
windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3), axis=(1, 2))
full = np.einsum("buvcxy,xycs->buvs", windows, kernel)
assert np.linalg.norm(np.load("y.npy") - full) <= 1e-4 * np.linalg.norm(full)

# Another file is another program, although its shape is the same.
np.save("w.npy", 2 * kernel)
tlc("run", "program.tl", "--get", "Y=y.npy")
assert np.linalg.norm(np.load("y.npy") - 2 * full) <= 2e-4 * np.linalg.norm(full)
# What its factors stand for is not read later.
assert "'W' is compiled in as its factors" in tlc("run", "program.tl", "--set", "W=w.npy", code=3)

# The object says what is in it.
tlc("compile", "program.tl", "--emit=obj", "-o", "program.o")
with open("program.o", "rb") as file:
    data = file.read()
begin = data.index(b'[{"dense_elements"')
section = json.loads(data[begin:data.index(b"\0", begin)])
assert section[0]["form"] == "tucker" and section[0]["error"] <= 1e-4, section
assert b".tlc.lowrank" in data and b"tlc_main_lowrank" in data

# Only constants are factorized.
with open("program.tl", "w") as file:
    file.write("""domain b, i, j, k = 8
input X[b, i]
lowrank(1e-3) param W[i, j] = normal(0, 1)
lowrank(1e-3) V[b, j] = X[b, i] W[i, j]
output V
""")
text = tlc("explain", "program.tl")
assert "low rank: 'W' stays dense: its values are learned or set" in text, text
assert "low rank: 'V' stays dense: it is computed, not a constant" in text, text

# --lowrank speaks for all weights; noise stays.
with open("program.tl", "w") as file:
    file.write(LAYER.replace("lowrank({eps}) ", ""))
np.save("x.npy", draw(np.float32, 200, 96))
np.save("w.npy", draw(np.float32, 96, 80))
assert json.loads(tlc("explain", "program.tl", "--json"))["low_rank"] == []
text = tlc("explain", "program.tl", "--lowrank", "1e-2")
assert "low rank: 'W' stays dense: no factorization with that error" in text, text
tlc("run", "program.tl", "--lowrank", "1e-2", "--set", "W=w.npy")
np.save("w.npy", np.full((96, 80), 3, np.float32))
assert "low rank: 'W' is matrix of rank 1" in tlc("explain", "program.tl", "--lowrank", "1e-2")
assert "'2' does not lie between 0 and 1" in tlc("run", "program.tl", "--lowrank", "2", code=2)
print("low-rank: ok")
