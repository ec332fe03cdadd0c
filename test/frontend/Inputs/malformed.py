"""Damages programs and checks that the compiler answers each with a located message.

usage: malformed.py FOLDER... [--count N] [--seed N] [--tool tlc]

Every .tl file under the folders is cut off at many offsets, and has bytes replaced, inserted,
removed and repeated at random places. `tlc check` must exit with 0, or with 1 and a message such
as `a.tl:3:1: error: ... [TL0203]`, within five seconds.
"""

import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

LOCATED = re.compile(rb"^[^\n]*:\d+:\d+: error: [^\n]+ \[TL\d{4}\]$", re.MULTILINE)
SIGNS = [b"(", b")", b"[", b"]", b"{", b"}", b"'", b'"', b"\n", b";", b",", b".", b"...", b":", b"?",
         b"=", b"<-", b"^", b"*", b"-", b"\0", b"\xff", b"\xc3", b"\xe2\x86\x90", b"9" * 30, b"1e999",
         b"until ", b"not ", b"lowrank(", b"sum[", b"domain ", b"import \"x.tl\";"]


def truncations(text, rng, count):
    """The text cut off at `count` places, evenly spread, each moved a little."""
    for i in range(count):
        yield text[:min(len(text), len(text) * i // count + rng.randrange(3))]


def damaged(text, rng):
    """One to four random edits."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(text) + 1)
        until = min(len(text), at + rng.randint(1, 8))
        part = rng.choice([
            lambda: bytes(rng.randrange(256) for _ in range(rng.randint(1, 4))),
            lambda: rng.choice(SIGNS),
            lambda: text[at:until] * rng.randint(2, 40),
            lambda: b"",
        ])()
        keeps = rng.random() < 0.5
        text = text[:at] + part + text[at if keeps else until:]
    return text


def variants(programs, rng, count):
    cuts = max(1, count // (2 * len(programs)))
    for program in programs:
        yield from truncations(program, rng, cuts)
    for i in range(count - cuts * len(programs)):
        yield damaged(programs[i % len(programs)], rng)


def complaint(tool, path, folder):
    """What is wrong with the answer, or None; and whether the program was refused."""
    try:
        done = subprocess.run([tool, "check", path], capture_output=True, timeout=5, cwd=folder)
    except subprocess.TimeoutExpired:
        return "takes more than 5 s", False
    if done.returncode not in (0, 1):
        return f"exits with {done.returncode}", False
    if done.returncode == 1 and not LOCATED.search(done.stderr):
        return "has no located message:\n" + done.stderr.decode(errors="replace")[:400], True
    return None, done.returncode == 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tool", default="tlc")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    paths = sorted(path for folder in options.folders for path in folder.rglob("*.tl"))
    programs = [path.read_bytes() for path in paths]
    if not programs:
        sys.exit("no programs to damage")
    wrong = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "damaged.tl")
        for number, text in enumerate(variants(programs, rng, options.count)):
            pathlib.Path(path).write_bytes(text)
            problem, isRefused = complaint(options.tool, path, folder)
            refused += isRefused
            if problem:
                wrong += 1
                kept = os.path.join(os.getcwd(), f"malformed-{options.seed}-{number}.tl")
                pathlib.Path(kept).write_bytes(text)
                print(f"{kept} {problem}")
    print(f"{options.count} programs, {refused} refused, {wrong} wrong")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
