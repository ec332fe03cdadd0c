"""Prints the innermost loop of an assembly file that has the most multiplications of vectors, and
how many of its instructions load or store a vector on the stack."""
import re
import sys

MULTIPLY = re.compile(r"\t(fmla|fmad|vfmadd\w+p[sd]|v?mulp[sd])\b")
BRANCH = re.compile(r"\t(?:j\w+|b(?:\.\w+)?|cbn?z\s+\w+,|tbn?z\s+\w+,\s*#\d+,)\s+(\.L\w+)$")
SPILL = re.compile(r"\[sp\b.*|.*\((%rsp|%rbp)\)")
VECTOR = re.compile(r"\b[qvz]\d+\b|%[xyz]mm")


def innerLoops(lines):
    labels = {line[:-1]: number for number, line in enumerate(lines) if line.startswith(".L")
              and line.endswith(":")}
    for number, line in enumerate(lines):
        branch = BRANCH.match(line)
        start = labels.get(branch.group(1), number) if branch else number
        if start < number and not any(line.startswith(".L") for line in lines[start + 1:number]):
            yield lines[start + 1:number + 1]


def main():
    with open(sys.argv[1]) as file:
        lines = [line.split("//")[0].split(" # ")[0].rstrip() for line in file]
    multiplications = lambda loop: sum(bool(MULTIPLY.match(line)) for line in loop)
    loop = max(innerLoops(lines), key=multiplications)
    spills = [line for line in loop if SPILL.search(line) and VECTOR.search(line)]
    print("\n".join(loop))
    print(f"multiplications: {multiplications(loop)}, vectors on the stack: {len(spills)}")


main()
