"""Layers with weights of low rank: how much faster their factors are than the dense weights, and whether the
compiler knows at which batch sizes.

usage: low_rank.py BUILD [--layer NAME] [--batch N] [--repeat N]

Each layer is compiled ahead of time twice, with and without `--lowrank`, and both are called in turns on one thread.
A line has the flops of dense over those of the factors, the predicted and the measured ratio of times (medians), and
the latter over the ratio of flops. Where the compiler keeps the dense weights, the line says why.
"""
import argparse
import collections
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
random = np.random.default_rng(1)


def normal(*shape, dtype=np.float32):
    values = random.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * random.standard_normal(shape)
    return values.astype(dtype)


def with_noise(weights):
    scale = 1e-4 * np.linalg.norm(weights) / np.sqrt(weights.size)
    return (weights + scale * normal(*weights.shape, dtype=weights.dtype)).astype(weights.dtype)


# Of one element of a batch: {input: shape}, and the result's shape.
Layer = collections.namedtuple("Layer", "weights inputs result program")


def train_layer():
    """4096 to 4096, as 64 x 64 each: a train of two cores, of rank 8."""
    weights = np.einsum("ikr,rjl->ijkl", normal(64, 64, 8), normal(8, 64, 64), optimize=True)
    return Layer(weights, {"X[b, i, j]": (64, 64)}, (64, 64),
                 "domain i, j = 64\nY[b, k, l] = X[b, i, j] W[i, j, k, l]")


def deep_train_layer():
    """1024 to 1024, as 8 x 16 x 8 each: a train of three cores, of ranks 4 and 4."""
    weights = np.einsum("ilr,rjms,skn->ijklmn", normal(8, 8, 4), normal(4, 16, 16, 4),
                        normal(4, 8, 8), optimize=True)
    return Layer(weights, {"X[b, i, j, k]": (8, 16, 8)}, (8, 16, 8),
                 "Y[b, l, m, n] = X[b, i, j, k] W[i, j, k, l, m, n]")


def tucker_convolution():
    """3 x 3 over 256 channels, 256 filters, 28 x 28 pixels: ranks 64 on both sides."""
    weights = np.einsum("xypq,cp,qs->xycs", normal(3, 3, 64, 64), normal(256, 64), normal(64, 256),
                        optimize=True)
    return Layer(weights, {"X[b, x, y, c]": (30, 30, 256)}, (28, 28, 256),
                 "domain x, y = 30; domain u, v = 28\n"
                 "Y[b, u, v, s] = X[b, u+dx, v+dy, c] W[dx, dy, c, s]")


def canonical_layer():
    """A bilinear layer of 128 and 128 to 128, of canonical rank 64."""
    weights = np.einsum("ir,jr,kr->ijk", normal(128, 64), normal(128, 64), normal(128, 64),
                        optimize=True)
    return Layer(weights, {"X[b, i]": (128,), "Z[b, j]": (128,)}, (128,),
                 "Y[b, k] = X[b, i] Z[b, j] W[i, j, k]")


def spectral_layer():
    """The modes of a Fourier neural operator, 16 x 16 of them, 64 channels: ranks 4, 4, 8, 8."""
    kind = np.complex64
    weights = np.einsum("pqrs,xp,yq,ir,os->xyio", normal(4, 4, 8, 8, dtype=kind),
                        normal(16, 4, dtype=kind), normal(16, 4, dtype=kind),
                        normal(64, 8, dtype=kind), normal(64, 8, dtype=kind), optimize=True)
    return Layer(weights, {"X[b, x, y, i]": (16, 16, 64)}, (16, 16, 64),
                 "Y[b, x, y, o] = X[b, x, y, i] W[x, y, i, o]")


def coupling_layer():
    """64 channels of angular momentum 3 times one, to 3, by Clebsch-Gordan coefficients."""
    sys.path.insert(0, os.path.join(ROOT, "examples", "14-low-rank"))
    from generate import coupling
    return Layer(coupling(3, 3, 3), {"X[b, f, i]": (64, 7), "Z[b, j]": (7,)}, (64, 7),
                 "domain f = 64\nY[b, f, k] = X[b, f, i] Z[b, j] W[i, j, k]")


LAYERS = {"train": train_layer, "deep-train": deep_train_layer,
          "tucker-convolution": tucker_convolution, "canonical": canonical_layer,
          "tucker-spectral": spectral_layer, "clebsch-gordan": coupling_layer}
KINDS = {np.dtype(np.float32): ("f32", 6), np.dtype(np.complex64): ("c64", 8)}


class View(ctypes.Structure):
    """tlrt_view"""
    _fields_ = [("data", ctypes.c_void_p), ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.POINTER(ctypes.c_int64)), ("rank", ctypes.c_int32),
                ("dtype", ctypes.c_int32)]


def views(arrays):
    result = (View * len(arrays))()
    for view, array in zip(result, arrays):
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        strides = (ctypes.c_int64 * array.ndim)(*[s // array.itemsize for s in array.strides])
        view.data, view.rank, view.dtype = array.ctypes.data, array.ndim, KINDS[array.dtype][1]
        view.shape, view.strides = shape, strides
    return result


class Compiled:
    def __init__(self, build, program, name, *options):
        subprocess.run([f"{build}/bin/tlc", "compile", program, "--emit=obj", "-o", f"{name}.o",
                        *options], check=True)
        subprocess.run(["cc", "-shared", "-o", f"{name}.so", f"{name}.o", f"{build}/lib/libtlrt.a",
                        "-lz", "-lm", "-lpthread"], check=True)
        self.function = ctypes.CDLL(os.path.abspath(f"{name}.so")).tlc_main

    def call(self, inputs, outputs):
        begin = time.thread_time()
        status = self.function(None, inputs, outputs)
        assert status == 0, status
        return time.thread_time() - begin


def measure(build, name, batch, repeat):
    layer = LAYERS[name]()
    weights = with_noise(layer.weights)
    np.save("w.npy", weights)
    kind = KINDS[weights.dtype][0]
    with open("layer.tl", "w") as file:
        file.write(f"domain b = {batch}\n{layer.program}\nW = \"w.npy\"\noutput Y\n")
        file.writelines(f"input {declared} : {kind}\n" for declared in layer.inputs)
    report = json.loads(subprocess.run(
        [f"{build}/bin/tlc", "explain", "layer.tl", "--lowrank", "1e-2", "--json"], check=True,
        stdout=subprocess.PIPE).stdout)["low_rank"][0]
    head = f"{name:20} {batch:5}"
    if "reason" in report:
        print(f"{head}  dense: {report['reason']}", flush=True)
        return
    dense = Compiled(build, "layer.tl", f"dense-{name}-{batch}")
    factored = Compiled(build, "layer.tl", f"factored-{name}-{batch}", "--lowrank", "1e-2")
    operands = [normal(batch, *shape, dtype=weights.dtype) for shape in layer.inputs.values()]
    results = [np.empty((batch, *layer.result), weights.dtype) for _ in range(2)]
    inputs, outputs = views(operands), [views([result]) for result in results]
    times = ([], [])
    for _ in range(repeat + 1):
        for which, compiled in enumerate((dense, factored)):
            times[which].append(compiled.call(inputs, outputs[which]))
    error = np.linalg.norm(results[1] - results[0]) / np.linalg.norm(results[0])
    assert error < 0.02, error
    medians = [statistics.median(seconds[1:]) for seconds in times]
    ratio, flops = medians[0] / medians[1], report["dense_flops"] / report["flops"]
    print(f"{head}  {report['form']} {report['ranks']}: {flops:.2f}x fewer flops, predicted "
          f"{report['dense_seconds'] / report['seconds']:.2f}x, measured {ratio:.2f}x "
          f"({ratio / flops:.2f} of the flops), {1e6 * medians[0]:.0f} and {1e6 * medians[1]:.0f} us, "
          f"error {error:.1e}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build")
    parser.add_argument("--layer", action="append", choices=LAYERS)
    parser.add_argument("--batch", action="append", type=int)
    parser.add_argument("--repeat", type=int, default=15)
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in options.layer or LAYERS:
            for batch in options.batch or (1, 8, 64, 256):
                measure(build, name, batch, options.repeat)
    sys.stdout.flush()


main()
