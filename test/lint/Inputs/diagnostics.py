"""Every message of the catalogue has a test that names its code, and no code is used twice."""
import collections
import re

from tree import files, finish, read

ENTRY = re.compile(r'TLC_DIAGNOSTIC\(\s*(\w+),\s*"(TL\d{4})"')


def main():
    entries = ENTRY.findall(read("compiler/support/Diagnostics.def"))
    assert entries
    tests = "\n".join(read(path) for path in files(".tl", ".test", ".mlir", ".py", ".cpp")
                      if path.startswith(("test/", "examples/")))
    sources = "\n".join(read(path) for path in files(".cpp", ".h")
                        if path.startswith(("compiler/", "tools/")))
    problems = [f"{name} [{code}] has no test" for name, code in entries if code not in tests]
    problems += [f"{name} [{code}] is never reported" for name, code in entries
                 if not re.search(rf"diag::{name}\b", sources)]
    count = collections.Counter(code for _, code in entries)
    problems += [f"{code} is used {n} times" for code, n in count.items() if n > 1]
    finish(problems)


main()
