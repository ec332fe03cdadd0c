"""Assembles PTX for sm_90a: nothing is spilled, ptxas puts no product after another one (C75xx), and
the machine code has Hopper's matrix and copy instructions.

usage: hopper_cubin.py PTXAS COUNT     the first so many of the products below, each with its tiles

Prints the longest times on stderr: of the compilation to PTX, the start of tlc included, and of
ptxas."""
import itertools
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

# The low 12 bits of an instruction of 128 bits.
HGMMA, UTMALDG, LDL, STL = 0x9F0, 0x5B4, 0x983, 0x387


def opcodes(path):
    """How often each opcode is in the code of an ELF file."""
    with open(path, "rb") as file:
        data = file.read()
    table, = struct.unpack_from("<Q", data, 0x28)
    size, count, names = struct.unpack_from("<HHH", data, 0x3A)
    sections = [struct.unpack_from("<IIQQQQ", data, table + i * size) for i in range(count)]
    histogram = {}
    for name, _, _, _, offset, length in sections:
        start = sections[names][4] + name
        if not data[start:data.index(b"\0", start)].startswith(b".text."):
            continue
        for at in range(offset, offset + length, 16):
            code = struct.unpack_from("<H", data, at)[0] & 0xFFF
            histogram[code] = histogram.get(code, 0) + 1
    return histogram


# Each once with every type that it is for and with every choice of tiles.
EQUATIONS = [("ik,jk->ij", "4096x1024,4096x1024"), ("ik,kj->ij", "1000x504,504x2000"),
             ("ki,kj->ij", "512x640,512x768"), ("bik,bkj->bij", "4x256x128,4x128x192"),
             ("akcm,nak->cnm", "8x64x24x32,128x8x64"), ("acik,ajk->icj", "2x5x48x32,2x72x32"),
             ("ki,jk->ji", "200x136,88x200"), ("xiyk,kyxj->ij", "2x256x3x16,16x3x2x512")]
TYPES, TILES = ["bf16", "f16"], ["", "cluster=1", "tiles=1", "n=128 tiles=1 stages=3"]


def products():
    """(name, arguments of tlc, choice of tiles), the most different ones first."""
    all_of_them = itertools.product(TILES, TYPES, EQUATIONS)
    for tiles, dtype, (equation, shapes) in all_of_them:
        yield "%s %s %s '%s'" % (equation, shapes, dtype, tiles), \
            ["--einsum", equation, "--shapes", shapes, "--dtype", dtype], tiles


def main():
    problems, slowest, slowest_ptx = [], 0, 0
    chosen = list(itertools.islice(products(), int(sys.argv[2])))
    with tempfile.TemporaryDirectory() as folder:
        path, cubin = os.path.join(folder, "k.ptx"), os.path.join(folder, "k.cubin")
        for name, arguments, tiles in chosen:
            started = time.time()
            subprocess.run(["tlc", "compile", "--emit=ptx", "--gpu-arch", "sm_90a", "-o", path] +
                           arguments, env=dict(os.environ, TLC_FORCE_LOWERING=tiles), check=True)
            slowest_ptx = max(slowest_ptx, time.time() - started)
            started = time.time()
            done = subprocess.run([sys.argv[1], "-arch=sm_90a", "-v", path, "-o", cubin],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            slowest = max(slowest, time.time() - started)
            if done.returncode:
                problems.append("%s: %s" % (name, done.stdout[-500:]))
                continue
            bad = re.findall(r"[1-9]\d* bytes spill \w+", done.stdout) + \
                re.findall(r".*C75\d\d.*", done.stdout)
            code = opcodes(cubin)
            bad += ["no %s" % what for what, number in (("HGMMA", HGMMA), ("UTMALDG", UTMALDG))
                    if not code.get(number)]
            bad += ["local memory"] if code.get(LDL) or code.get(STL) else []
            if bad:
                problems.append("%s: %s" % (name, "; ".join(bad)))
    print("\n".join(problems))
    print("%d products, %d problems" % (len(chosen), len(problems)))
    print("%.2f s to PTX, %.2f s of ptxas" % (slowest_ptx, slowest), file=sys.stderr)


if __name__ == "__main__":
    main()
