"""Lists the diagnostics that have no test.

usage: untested.py DIAGNOSTICS.def FOLDER
"""

import pathlib
import re
import sys

catalogue, folder = map(pathlib.Path, sys.argv[1:])
entries = re.findall(r'^TLC_DIAGNOSTIC\((\w+), "(TL\d{4})"', catalogue.read_text(), re.MULTILINE)
codes = [code for _, code in entries]
for code in sorted({code for code in codes if codes.count(code) > 1}):
    print(f"{code} occurs more than once")
for name, code in entries:
    slug = re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()
    tests = [folder / f"{slug}{suffix}" for suffix in (".tl", ".test")]
    if not any(test.exists() and f"[{code}]" in test.read_text() for test in tests):
        print(f"{name}: no {slug}.tl that checks for [{code}]")
print(f"{len(entries)} diagnostics")
