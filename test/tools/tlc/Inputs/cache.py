"""What `tlc run` and `tlc einsum` keep in the cache directory, and what they do without it."""
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

work = Path(sys.argv[1])
cache = work / "cache"
numbers = np.random.default_rng(1)
a = numbers.standard_normal((7, 9)).astype(np.float32)
b = numbers.standard_normal((9, 5)).astype(np.float32)
np.save(work / "a.npy", a)
np.save(work / "b.npy", b)


def environment(**changes):
    result = {**os.environ, "XDG_CACHE_HOME": str(cache), **changes}
    return {name: value for name, value in result.items() if value is not None}


def tlc(*arguments, **changes):
    done = subprocess.run(["tlc", *map(str, arguments)], capture_output=True, text=True,
                          env=environment(**changes))
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def product(*options, equation="ij,jk->ik", operands=("a.npy", "b.npy"), **changes):
    """One einsum; checks its result."""
    arrays = [np.load(work / operand) for operand in operands]
    tlc("einsum", equation, *(work / operand for operand in operands), "-o", work / "c.npy",
        *options, **changes)
    expected = np.einsum(equation, *arrays)
    assert np.allclose(np.load(work / "c.npy"), expected, rtol=1e-4, atol=1e-5)


def entries(folder=cache):
    """Inode and time of last use of each entry."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def new_entry(action):
    before = entries()
    action()
    after = entries()
    added = set(after) - set(before)
    assert len(added) == 1, added
    return added.pop()


def test_found_again():
    path = new_entry(product)
    for folder in path.parents:
        if folder == work:
            break
        assert folder.stat().st_mode & 0o777 == 0o700 or folder == cache, folder
    assert path.stat().st_mode & 0o777 == 0o600
    first = entries()
    time.sleep(0.02)
    product()
    second = entries()
    assert first.keys() == second.keys()
    assert first[path][0] == second[path][0], "written anew"
    assert first[path][1] < second[path][1], "not read"


def test_told_apart():
    np.save(work / "wide.npy", b.repeat(2, axis=1))
    np.save(work / "a64.npy", a.astype(np.float64))
    np.save(work / "b64.npy", b.astype(np.float64))
    new_entry(lambda: product(operands=("a.npy", "wide.npy")))
    new_entry(lambda: product(operands=("a64.npy", "b64.npy")))
    new_entry(lambda: product(equation="ij,jk->ki"))
    new_entry(lambda: tlc("einsum", "ij,jk->ik", work / "a.npy", work / "b.npy", "--semiring",
                          "max_plus"))
    before = entries()
    np.save(work / "a.npy", a + 1)
    product()
    product("--threads", "2")
    assert entries().keys() == before.keys(), "other values and threads are the same code"
    np.save(work / "a.npy", a)


def test_programs():
    (work / "part.tl").write_text("B[i] = 2 A[i]\n")
    program = work / "program.tl"
    program.write_text('import "part.tl"\nA = "v.npy"\nB?\n')
    np.save(work / "v.npy", np.arange(3, dtype=np.float32))
    run = lambda: tlc("run", program)
    new_entry(run)
    before = entries()
    np.save(work / "v.npy", np.arange(3, dtype=np.float32) + 10)
    assert "20" in run() and "24" in run(), "values are read at every run"
    assert entries().keys() == before.keys()
    (work / "part.tl").write_text("B[i] = 3 A[i]\n")
    new_entry(lambda: run())
    assert "36" in run()
    np.save(work / "v.npy", np.arange(4, dtype=np.float32))
    new_entry(lambda: run())
    assert "9" in run()


def test_damage():
    path = new_entry(lambda: product(equation="ij,jk->k"))
    whole = path.read_bytes()
    middle = len(whole) // 2
    damaged = [whole[:length] for length in (0, 1, 10, 23, 24, 25, middle, len(whole) - 1)]
    damaged += [whole + b"x", b"\0" * len(whole), os.urandom(len(whole))]
    for place in (0, 9, 17, 24, 60, middle, len(whole) - 1):
        damaged.append(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1:])
    for contents in damaged:
        path.write_bytes(contents)
        product(equation="ij,jk->k")
        assert path.read_bytes() == whole


def test_not_trusted():
    path = new_entry(lambda: product(equation="ij,jk->i"))
    path.chmod(0o666)
    inode = entries()[path][0]
    product(equation="ij,jk->i")
    assert entries()[path][0] != inode, "what others may write was run"
    path.rename(work / "elsewhere")
    path.symlink_to(work / "elsewhere")
    product(equation="ij,jk->i")
    assert not path.is_symlink(), "a link was followed"


def test_no_directory():
    before = entries()
    (work / "file").write_text("in the way")
    product(XDG_CACHE_HOME=str(work / "file"))
    product(XDG_CACHE_HOME=str(work / "file" / "below"))
    product(XDG_CACHE_HOME="/proc/none")
    product(XDG_CACHE_HOME=None, HOME=None)
    product(XDG_CACHE_HOME="relative", HOME="relative")
    assert entries() == before and not os.path.exists("relative")
    product(XDG_CACHE_HOME=str(work / "deep" / "er"))
    assert len(entries(work / "deep" / "er")) == 1
    product(XDG_CACHE_HOME=None, HOME=str(work / "home"))
    assert len(entries(work / "home" / ".cache" / "tlc")) == 1


def test_no_cache():
    before = entries()
    time.sleep(0.02)
    product("--no-cache")
    product("--no-cache", equation="ij,jk->kij")
    tlc("run", work / "program.tl", "--no-cache")
    assert entries() == before


def test_processes():
    equations = ["ij,jk->ikj", "ji,jk->ik", "ij,kj->ik", "ij,ij->j"]
    np.save(work / "s.npy", numbers.standard_normal((6, 6)).astype(np.float32))
    square = np.load(work / "s.npy")
    before = entries()
    running = []
    for number in range(64):
        equation = equations[number % 4]
        result = work / f"result{number}.npy"
        running.append((equation, result, subprocess.Popen(
            ["tlc", "einsum", equation, work / "s.npy", work / "s.npy", "-o", result],
            env=environment())))
    for equation, result, process in running:
        assert process.wait() == 0
        expected = np.einsum(equation, square, square)
        assert np.allclose(np.load(result), expected, rtol=1e-4, atol=1e-5), equation
    added = set(entries()) - set(before)
    assert len(added) == 4 and not any(path.name.startswith("new-") for path in added), added


for name, test in [("found again", test_found_again), ("told apart", test_told_apart),
                   ("follows what a program reads", test_programs),
                   ("damage is repaired", test_damage), ("not trusted", test_not_trusted),
                   ("no directory, no cache", test_no_directory), ("--no-cache", test_no_cache),
                   ("64 processes", test_processes)]:
    test()
    print(name, flush=True)
