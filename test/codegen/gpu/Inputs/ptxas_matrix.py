"""Kernels of every family in many configurations for CUDA's assembler: none may spill registers or be
warned about. With --times, how long each takes to PTX and from there.

usage: ptxas_matrix.py PTXAS COUNT [--times]"""
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time

PRODUCTS = [("ij,jk->ik", "64x64,64x64"), ("ij,jk->ik", "1000x1000,1000x1000"),
            ("ij,jk->ik", "4096x4096,4096x4096"), ("ij,kj->ik", "2048x512,4096x512"),
            ("ji,jk->ik", "512x2048,512x4096"), ("ji,jk->ki", "512x2048,512x4096"),
            ("bij,bjk->bik", "32x256x128,32x128x256"),
            ("abij,jkb->aik", "8x16x64x64,64x96x16"), ("ij,jk->ik", "")]
OTHERS = [("ij->ji", "4096x4096"), ("ijk->kji", "64x100x64"), ("ij->i", "4096x4096"),
          ("ij->j", "4096x4096"), ("i,i->i", "1048576,1048576"), ("i,j->ij", "1000,1000")]
SEMIRINGS = [("ij,jk->ik", "1024x1024,1024x1024", s) for s in ("max_plus", "min_plus", "log_sum_exp")]


def configurations():
    """(einsum, shapes, further arguments)"""
    for (einsum, shapes), dtype in itertools.product(PRODUCTS, ("bf16", "f16", "f32", "f64", "i8")):
        yield einsum, shapes, ["--dtype", dtype]
    for einsum, shapes in PRODUCTS[:4]:
        yield einsum, shapes, ["--dtype", "f32", "--allow-tf32"]
    for einsum, shapes in OTHERS:
        yield einsum, shapes, ["--dtype", "f32"]
        yield einsum, shapes, ["--dtype", "bf16"]
    for einsum, shapes, semiring in SEMIRINGS:
        yield einsum, shapes, ["--semiring", semiring]


def main():
    every = list(configurations())
    count = min(int(sys.argv[2]), len(every))
    chosen = every[::max(1, len(every) // count)][:count]
    failures, slowest = 0, [0, 0]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "k.ptx")
        for einsum, shapes, arguments in chosen:
            command = ["tlc", "compile", "--einsum", einsum, "--emit=ptx", "-o", path] + arguments
            command += ["--shapes", shapes] if shapes else []
            start = time.time()
            subprocess.run(command, check=True)
            middle = time.time()
            done = subprocess.run([sys.argv[1], "-arch=sm_80", "-v", path, "-o", os.devnull],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            times = [middle - start, time.time() - middle]
            slowest = [max(pair) for pair in zip(slowest, times)]
            spills = re.findall(r"[1-9]\d* bytes spill \w+", done.stdout)
            warnings = re.findall(r".*C75\d\d.*", done.stdout)
            registers = re.findall(r"Used (\d+) registers", done.stdout)
            if "--times" in sys.argv:
                print("%-14s %-24s %-22s %3s registers, %.2f s, %.2f s" %
                      (einsum, shapes, " ".join(arguments), "/".join(registers), *times))
            if done.returncode or spills or warnings:
                failures += 1
                print(einsum, shapes, arguments, spills, warnings, done.stdout[-500:])
    if "--times" in sys.argv:
        print("at most %.2f s to PTX and %.2f s from there" % tuple(slowest))
    print("%d kernels, %d failures" % (len(chosen), failures))
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
