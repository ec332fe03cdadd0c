"""Random contractions of f16 for Hopper on the interpreter, against NumPy: groups of up to two
dimensions in any order, ragged, in clusters or not. All numbers are small integers, and so exact.

usage: random_hopper.py FIRST COUNT

Prints how many of them wgmma computes: the rest have strides or shapes that are not for it."""
import os
import random
import subprocess
import sys
import tempfile

import numpy as np


def contraction(chance):
    """Index strings of the operands and the result, and extents."""
    groups, letters = [], iter("abcdefgh")
    for most in (2, 2, 2, 1):
        groups.append([next(letters) for _ in range(chance.randint(most == 2, most))])
    m, n, k, b = groups
    extents = {}
    for group, target in zip(groups, (150, 90, 120, 3)):
        for c in group:
            room = max(1, target // len(group) if len(group) == 1 else int(target ** 0.6))
            extents[c] = chance.randint(max(1, room // 3), room)
    operands = [m + k + b, k + n + b, m + n + b]
    for names in operands:
        chance.shuffle(names)
        if chance.random() < 0.9:
            # The contiguous dimension takes whole chunks of 16 bytes.
            extents[names[-1]] = -(-extents[names[-1]] // 8) * 8
    return ["".join(names) for names in operands], extents


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    failures = used = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            chance, rng = random.Random(seed), np.random.default_rng(seed)
            (left, right, result), extents = contraction(chance)
            arrays = [rng.integers(-3, 4, [extents[c] for c in names]).astype(np.float16)
                      for names in (left, right)]
            files = [os.path.join(folder, name) for name in ("a.npy", "b.npy", "c.npy")]
            for path, values in zip(files, arrays):
                np.save(path, values)
            text = "%s,%s->%s" % (left, right, result)
            tiles = chance.choice(["", "cluster=1", "tiles=1", "tiles=1 stages=3", "n=128 tiles=1"])
            env = dict(os.environ, VGPU_SEED=str(seed), VGPU_ARCH="90", TLC_FORCE_LOWERING=tiles,
                       VGPU_MULTIPROCESSORS=str(chance.randint(1, 4)))
            arch = ["--gpu-arch", "sm_90a"]
            shapes = ",".join("x".join(map(str, a.shape)) for a in arrays)
            ptx = subprocess.run(["tlc", "compile", "--einsum", text, "--shapes", shapes, "--dtype",
                                  "f16", "--emit=ptx"] + arch, env=env, stdout=subprocess.PIPE,
                                 text=True).stdout
            used += "wgmma" in ptx
            done = subprocess.run(["tlc", "einsum", text] + files[:2] + ["-o", files[2], "--target",
                                  "gpu", "--no-cache"] + arch, env=env, stderr=subprocess.PIPE, text=True)
            right_answer = np.einsum(text, *[a.astype(np.float32) for a in arrays])
            if done.returncode or not np.array_equal(np.load(files[2]),
                                                     right_answer.astype(np.float16)):
                failures += 1
                print("seed", seed, text, extents, tiles, done.stderr[-400:])
    print("%d contractions, %d failures" % (count, failures))
    print("wgmma computes %d" % used)


if __name__ == "__main__":
    main()
