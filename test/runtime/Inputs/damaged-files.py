"""Damages .npy, .npz and .csv files in every way: each is an error with a message, or read.

Usage: damaged-files.py FILE-TOOL FOLDER
"""
import io
import os
import random
import subprocess
import sys
import zipfile

import numpy as np

TOOL, FOLDER = sys.argv[1], sys.argv[2]


def npy(array, version=(1, 0)):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return file.getvalue()


def npz(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def header(text, data=b"", version=b"\1\0", length=None):
    text = text.encode()
    count = len(text) if length is None else length
    return b"\x93NUMPY" + version + count.to_bytes(2 if version == b"\1\0" else 4, "little") + \
        text + data


def described(descr="'<f4'", order="False", shape="(2,)", data=b"12345678"):
    return header(f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}", data)


GOOD = {
    "a.npy": npy(np.arange(24, dtype="f4").reshape(2, 3, 4)),
    "b.npy": npy(np.asfortranarray(np.arange(24, dtype=">i2").reshape(4, 6)), (2, 0)),
    "c.npz": npz(np.savez, x=np.arange(7), y=np.ones(3)),
    "d.npz": npz(np.savez_compressed, x=np.arange(300) % 7),
    "e.csv": b'x,"y"\n1,2.5\n-3,4e3\n',
}

# Contents and a part of the message for each.
WRONG = [
    ("npy", b"", "is empty"),
    ("npy", b"\x93NUMPX" + bytes(100), "does not start as one"),
    ("npy", b"\x93NUMPY\4\0" + bytes(100), "has version 4"),
    ("npy", header("{}", length=60000), "is said to have 60000 bytes"),
    ("npy", header("{}", version=b"\2\0", length=1 << 31), "is said to have 2147483648 bytes"),
    ("npy", header("{}"), "lacks descr"),
    ("npy", described(shape="(3,)"), "has 8 bytes of elements, expected 12"),
    ("npy", described(shape="(1,)"), "has 8 bytes of elements, expected 4"),
    ("npy", described(shape="(-2,)"), "expected an extent"),
    ("npy", described(shape="(2)"), "expected ',' after an extent"),
    ("npy", described(shape="2"), "expected a shape in parentheses"),
    ("npy", described(shape="(2 3)"), "expected ',' after an extent"),
    ("npy", described(shape=f"({2**64},)"), "more than 63 bits"),
    ("npy", described(shape=f"({2**62}, {2**62})"), "more than 63 bits"),
    ("npy", described(shape=f"(0, {2**62}, 4)", data=b""), "more than 63 bits"),
    ("npy", described(shape=f"({2**61}, 2)"), "more than 63 bits"),
    ("npy", described(shape="(" + "1, " * 65 + ")"), "has more than 64 axes"),
    ("npy", described(order="Maybe"), "expected True or False"),
    ("npy", described(descr="'|O'"), "are Python objects"),
    ("npy", described(descr="'<U3'"), "are strings"),
    ("npy", described(descr="[('a', '<f4')]"), "are records with fields"),
    ("npy", described(descr="'<V8'"), "are records or raw bytes"),
    ("npy", described(descr="'<M8[s]'"), "are dates or times"),
    ("npy", described(descr="'<u8'"), "not supported (<u8)"),
    ("npy", described(descr="'<f16'"), "not supported (<f16)"),
    ("npy", described(descr="'"), "expected"),
    ("npy", header("{'descr': '<f4', 'descr': '<f4'}"), "has a key twice"),
    ("npy", header("{'other': 1}"), "has an unknown key"),
    ("npy", header("{'descr': '<f4' 'shape'"), "expected ',' or '}'"),
    ("npy", header("{'descr': '<f4'} x"), "expected nothing after '}'"),
    ("npz", b"PK\5\6" + bytes(18), "has 0 members"),
    ("npz", bytes(100), "no end record"),
    ("npz", GOOD["c.npz"], "has 2 members (x.npy, y.npy)"),
    ("csv", b"", "has no numbers"),
    ("csv", b"x,y\n", "has no numbers"),
    ("csv", b"1,2\n3\n", ":2: has 1 cells, expected 2"),
    ("csv", b"1,2\n3,a b\n", ":2:3: 'a b', expected a number"),
    ("csv", b"1,x\n", ":1:3: 'x', expected a number"),
    ("csv", b"1,2\n3, \n", ":2:4: an empty cell"),
    ("csv", b"1,2\n3,\0\n", ":2:3: a NUL byte"),
    ("csv", b'1,2\n"3,4\n', ":2:1: a quote that is not closed"),
    ("csv", b'1,2\n"3"4,5\n', ":2:4: text after a closing quote"),
    ("csv", b"1,0x10\n", ":1:3: '0x10'"),
    ("csv", b"1\n9223372036854775808\n", ":2:1: an integer of more than 64 bits"),
    ("foo", b"1", "has the extension '.foo'"),
]


def put(name, content):
    path = f"{FOLDER}/{name}"
    with open(path, "wb") as file:
        file.write(content)
    return path


def attempt(paths, command="try"):
    """The line of output for each path; a crash is a failure of the test."""
    lines = []
    for begin in range(0, len(paths), 500):
        part = paths[begin:begin + 500]
        done = subprocess.run([TOOL, command] + part, stdout=subprocess.PIPE)
        assert done.returncode in (0, 3), (done.returncode, part)
        lines += done.stdout.decode("utf8", "replace").splitlines()
    assert len(lines) == len(paths)
    return lines


def truncations():
    """A file that ends anywhere is an error; text may be shorter."""
    paths = [put(f"cut{at}-{name}", good[:at])
             for name, good in GOOD.items() if not name.endswith("csv") for at in range(len(good))]
    member = [path + "#x" if path.endswith("npz") else path for path in paths]
    for path, line in zip(member, attempt(member)):
        assert line.startswith(f"error 3: {path}: ") and ", expected" in line, line
    print(len(paths), "truncated files are refused")


def flips(count):
    generator = random.Random(7)
    paths = []
    for number in range(count):
        name = generator.choice(list(GOOD))
        content = bytearray(GOOD[name])
        for _ in range(generator.choice([1, 1, 2, 5])):
            content[generator.randrange(len(content))] = generator.randrange(256)
        path = put(f"flip{number}-{name}", content)
        paths.append(path + "#x" if name.endswith("npz") else path)
    lines = attempt(paths) + attempt(paths, "inspect")
    assert any(line.startswith("error") for line in lines)
    print(count, "damaged files are read or refused")


def archives():
    """Archives whose directory lies, or asks for what is not supported."""
    good = bytearray(GOOD["d.npz"])
    entry, local = good.rindex(b"PK\1\2"), good.index(b"PK\3\4")

    def changed(at, value):
        content = good.copy()
        content[at:at + len(value)] = value
        return bytes(content)

    cases = [
        (changed(entry + 16, b"\1\2\3\4"), "the checksum of its data"),
        (changed(entry + 8, b"\1"), "is encrypted"),
        (changed(entry + 10, b"\x0c"), "is packed by method 12"),
        (changed(entry + 24, b"\0\0\0\xf0"), "are said to unpack to"),
        (changed(entry + 42, b"\0\0\0\xf0"), "lies outside the archive"),
        (changed(local, b"XX"), "no member is where the directory says"),
        (changed(entry, b"XX"), "directory is damaged"),
        (changed(len(good) - 6, b"\0\0\0\xf0"), "directory lies outside it"),
        (changed(local + 60, bytes(40)), "damaged"),
    ]
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as file:
        file.writestr("x", npy(np.ones(1)))
        file.writestr("x.npy", npy(np.ones(1)))
    cases.append((twice.getvalue(), "expected only one 'x'"))
    cases.append((npz(np.savez, other=np.ones(2)), "(other.npy), expected one called 'x'"))
    paths = [put(f"archive{i}.npz", content) + "#x" for i, (content, _) in enumerate(cases)]
    for (_, message), line in zip(cases, attempt(paths)):
        assert message in line, (message, line)
    # A comment behind the end record, as long as can be, is no damage.
    long = bytes(good[:-2]) + b"\xff\xff" + b"PK\5\6" * 16383 + b"abc"
    assert "i64 300" in attempt([put("comment.npz", long)])[0]
    print(len(cases), "wrong archives are refused")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    paths = [put(f"wrong{i}.{ending}", content) for i, (ending, content, _) in enumerate(WRONG)]
    for path, line, (_, _, message) in zip(paths, attempt(paths), WRONG):
        assert line.startswith(f"error 3: {path}") and message in line, (line, message)
    print(len(WRONG), "wrong files are refused")
    assert "is a directory" in attempt([f"{FOLDER}/../files.npy"])[0]
    assert "No such file" in attempt([f"{FOLDER}/none.npy"])[0]
    archives()
    truncations()
    flips(2000)


os.makedirs(f"{FOLDER}/../files.npy", exist_ok=True)
main()
