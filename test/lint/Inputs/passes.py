"""Every pass is run by name in some test, and has a summary and a description."""
import re

from tree import files, finish, read

PASS = re.compile(r'def\s+(\w+)\s*:\s*\w*Pass\w*<"([\w-]+)"(?:[^{;]*)(\{.*?\n\})?', re.DOTALL)


def main():
    problems, names = [], []
    for path in files("Passes.td"):
        for name, argument, body in PASS.findall(read(path)):
            names.append(argument)
            for field in ("summary", "description"):
                if f"let {field}" not in body:
                    problems.append(f"{path}: {name} has no {field}")
    assert names
    runs = "\n".join(line for path in files(".mlir", ".test", ".tl") if path.startswith("test/")
                     for line in read(path).splitlines() if "RUN:" in line)
    problems += [f"no RUN line names the pass '{name}'" for name in names
                 if not re.search(rf"[-=,( '\"]{name}(?![\w-])", runs)]
    finish(problems)


main()
