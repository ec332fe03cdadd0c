"""No source file has more than 800 lines."""
from tree import CODE, files, finish, read


def main():
    problems = []
    for path in files(*CODE, ".mlir", ".tl", ".test"):
        lines = read(path).count("\n")
        if lines > 800 and "/Inputs/data/" not in path:
            problems.append(f"{path} has {lines} lines, at most 800 are allowed")
    finish(problems)


main()
