"""Compares the CPU code generator with the reference interpreter on random operations.

    random_programs.py SEED COUNT [tl-opt options [KIND]]      (KIND: a function below)

Extents are chosen around the lengths of vectors and tiles, where loops have tails.
"""
import random
import re
import subprocess
import sys
import tempfile

EXTENTS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 20, 31, 33, 40]
FLOATS = ["f32", "f64", "f16", "bf16"]
TOLERANCE = {"f32": 2e-5, "f64": 1e-12, "f16": 4e-3, "bf16": 2e-2, "c64": 2e-5, "c128": 1e-12}


def tensor(shape, element):
    return "tensor<" + "".join(f"{n}x" for n in shape) + element + ">"


class Program:
    castsHeads = True

    def __init__(self, rng):
        self.rng = rng
        self.lines = []
        self.results = []
        self.count = 0

    def name(self):
        self.count += 1
        return f"%v{self.count}"

    def number(self, element):
        rng = self.rng
        if element == "i1":
            return rng.choice(["true", "false"])
        if element.startswith("i"):
            return str(rng.randint(-5, 5))
        if element.startswith("complex"):
            return f"({rng.randint(-4, 4)}.5, {rng.randint(-4, 4)}.25)"
        return f"{rng.randint(-16, 16) / 8:.3f}"

    def literal(self, shape, element):
        if not shape:
            return self.number(element)
        return "[" + ", ".join(self.literal(shape[1:], element) for _ in range(shape[0])) + "]"

    def constant(self, shape, element, mayCast=True):
        """A constant; sometimes behind a cast, so that its extents are known at run time only."""
        value = self.name()
        self.lines.append(f"{value} = arith.constant dense<{self.literal(shape, element)}> : "
                          f"{tensor(shape, element)}")
        if shape and self.rng.random() < 0.3 and mayCast:
            cast = self.name()
            shape = tuple("?" if self.rng.random() < 0.7 else n for n in shape)
            original = self.lines[-1].rsplit(" : ", 1)[1]
            self.lines.append(f"{cast} = tensor.cast {value} : {original} to "
                              f"{tensor(shape, element)}")
            value = cast
        return value, shape

    def result(self, value, shape, element):
        self.results.append((value, tensor(shape, element)))

    def text(self):
        values = ", ".join(value for value, _ in self.results)
        types = ", ".join(kind for _, kind in self.results)
        body = "\n  ".join(self.lines)
        return (f"func.func @main() -> ({types}) {{\n  {body}\n"
                f"  return {values} : {types}\n}}\n")


def contraction(program):
    rng = program.rng
    dims = "ijklm"[:rng.randint(1, 4)]
    extent = {d: rng.choice(EXTENTS) for d in dims}
    while rng.random() < 0.9 and len(dims) > 3 and max(extent.values()) > 17:
        extent = {d: rng.choice(EXTENTS[:9]) for d in dims}
    kind, elements = rng.choice([
        ("sum_product", FLOATS + ["i32", "i64", "complex<f32>", "complex<f64>"]),
        ("or_and", ["i1"]), ("max_plus", ["f32", "f64", "i64", "i32"]),
        ("min_plus", ["f32", "f64", "i32"]), ("max_times", ["f32", "f64"]),
        ("max_min", ["f32", "i32"]), ("log_sum_exp", ["f32", "f64", "f16"]), ("count", ["i64"])])
    element = rng.choice(elements)
    operands = []
    for _ in range(rng.randint(1, 3)):
        chosen = rng.sample(dims, rng.randint(1, min(3, len(dims))))
        if rng.random() < 0.1:
            chosen.append(rng.choice(chosen))
        operands.append("".join(chosen))
    used = sorted(set("".join(operands)))
    kept = rng.sample(used, rng.randint(0, len(used)))
    values, types, extents = [], [], {}
    for operand in operands:
        value, shape = program.constant(tuple(extent[d] for d in operand), element)
        values.append(value)
        types.append(tensor(shape, element))
        for d, n in zip(operand, shape):
            if n != "?":
                extents[d] = n
    shape = tuple(extents.get(d, "?") for d in kept)
    result = program.name()
    program.lines.append(
        f"{result} = ein.contract \"{','.join(operands)}->{''.join(kept)}\" {kind} "
        f"({', '.join(values)}) : ({', '.join(types)}) -> {tensor(shape, element)}")
    program.result(result, shape, element)


def mapping(program):
    rng = program.rng
    element = rng.choice(FLOATS)
    dims = "ijk"[:rng.randint(1, 3)]
    extent = {d: rng.choice(EXTENTS) for d in dims}
    operands = ["".join(rng.sample(dims, rng.randint(1, len(dims)))) for _ in range(2)]
    if set("".join(operands)) != set(dims):
        operands[0] = dims
    values, types, extents = [], [], {}
    for operand in operands:
        value, shape = program.constant(tuple(extent[d] for d in operand), element)
        values.append(value)
        types.append(tensor(shape, element))
        extents.update({d: n for d, n in zip(operand, shape) if n != "?"})
    shape = tuple(extents.get(d, "?") for d in dims)
    result = program.name()
    function = rng.choice(["exp", "tanh", "sin", "cos", "erf", "absf", "floor"])
    program.lines.append(
        f"{result} = ein.map \"{','.join(operands)}->{dims}\" ({', '.join(values)}) : "
        f"({', '.join(types)}) -> {tensor(shape, element)} {{\n"
        f"  ^bb0(%a: {element}, %b: {element}):\n"
        f"    %p = math.{function} %a : {element}\n"
        f"    %q = arith.mulf %p, %b : {element}\n"
        f"    %c = arith.cmpf olt, %a, %b : {element}\n"
        f"    %s = arith.select %c, %q, %b : {element}\n"
        f"    ein.yield %s : {element}\n  }}")
    program.result(result, shape, element)


def reduction(program):
    rng = program.rng
    kind, elements = rng.choice([
        ("add", FLOATS + ["i32", "complex<f64>"]), ("multiply", ["f64"]),
        ("max", ["f32", "i64", "i1"]), ("min", ["f32", "f16"]), ("or", ["i1"]), ("and", ["i1"]),
        ("log_add", ["f32", "f64"]), ("count_add", ["i64"])])
    element = rng.choice(elements)
    rank = rng.randint(1, 3)
    value, shape = program.constant(tuple(rng.choice(EXTENTS) for _ in range(rank)), element)
    dims = sorted(rng.sample(range(rank), rng.randint(1, rank)))
    kept = tuple(n for d, n in enumerate(shape) if d not in dims)
    result = program.name()
    program.lines.append(f"{result} = ein.reduce {kind} {dims} ({value}) : "
                         f"({tensor(shape, element)}) -> {tensor(kept, element)}")
    program.result(result, kept, element)


def normalization(program):
    rng = program.rng
    element = rng.choice(FLOATS)
    rank = rng.randint(1, 3)
    value, shape = program.constant(tuple(rng.choice(EXTENTS) for _ in range(rank)), element)
    dims = sorted(rng.sample(range(rank), rng.randint(1, rank)))
    kind = rng.choice(["softmax", "lnorm", "rmsnorm", "l2norm", "argmax"])
    result = program.name()
    program.lines.append(f"{result} = ein.normalize {kind} {dims} ({value}) : "
                         f"{tensor(shape, element)}")
    program.result(result, shape, element)


def position(rng, dims):
    d = f"d{rng.randrange(dims)}"
    form = rng.choice(["{d}", "{d} + 1", "{d} - 2", "{d} * 2", "-{d} + 5", "{d} floordiv 2",
                       "{d} + {e}", "{d} * 3 - {e}", "4", "{d} mod 3"])
    return form.format(d=d, e=f"d{rng.randrange(dims)}")


def gathering(program):
    rng = program.rng
    element = rng.choice(FLOATS + ["i1", "i32", "complex<f32>"])
    rank, dims = rng.randint(1, 2), rng.randint(1, 3)
    value, shape = program.constant(tuple(rng.choice(EXTENTS) for _ in range(rank)), element)
    target = tuple(rng.choice(EXTENTS) for _ in range(dims))
    places = ", ".join(position(rng, dims) for _ in range(rank))
    letters = ", ".join(f"d{i}" for i in range(dims))
    fill = "true" if element == "i1" else "7" if element == "i32" else "1.5"
    if element.startswith("complex"):
        return
    result = program.name()
    program.lines.append(
        f"{result} = ein.gather {value} at affine_map<({letters}) -> ({places})> "
        f"fill {fill}{'' if element == 'i1' else ' : ' + element} : "
        f"{tensor(shape, element)} -> {tensor(target, element)}")
    program.result(result, target, element)


def scattering(program):
    rng = program.rng
    element = rng.choice(["f32", "f64", "i32", "i64"])
    kind = rng.choice(["overwrite", "add", "max", "min", "multiply"])
    rank, dims = rng.randint(1, 2), rng.randint(1, 2)
    init, target = program.constant(tuple(rng.choice(EXTENTS) for _ in range(rank)), element)
    value, shape = program.constant(tuple(rng.choice(EXTENTS[:8]) for _ in range(dims)), element)
    places = ", ".join(position(rng, dims) for _ in range(rank))
    letters = ", ".join(f"d{i}" for i in range(dims))
    result = program.name()
    program.lines.append(
        f"{result} = ein.scatter {kind} {value} into {init} at "
        f"affine_map<({letters}) -> ({places})> : {tensor(shape, element)} into "
        f"{tensor(target, element)}")
    program.result(result, target, element)


def attention(program):
    """Heads, maybe keys stored depth by depth, maybe a mask."""
    rng = program.rng
    element = rng.choice(["f32", "f32", "f64", "f16"])
    extents = {index: rng.choice(EXTENTS) for index in "qdv"}
    extents["h"], extents["k"] = rng.randint(1, 3), rng.choice([1, 5, 63, 64, 65, 130])
    terms = ["hqd", rng.choice(["hkd", "hdk", "kd"]), rng.choice(["hkv", "vhk"])]
    mask = rng.choice([None, "qk", "kq", "hk", "q"])
    masked = rng.choice(["i1", element]) if mask else None
    operands, types = [], []
    for term in terms + ([mask] if mask else []):
        kind = masked if len(operands) == 3 else element
        value, shape = program.constant(tuple(extents[i] for i in term), kind, program.castsHeads)
        operands.append(value)
        types.append(tensor(shape, kind))
    wide = "f64" if element == "f64" else "f32"
    score = ""
    if mask:
        body = ["%u = arith.mulf %s, %half : " + wide]
        if masked == "i1":
            body.append(f"%r = arith.select %m, %u, %low : {wide}")
        elif element == "f16":
            body += ["%w = arith.extf %m : f16 to f32", "%r = arith.addf %u, %w : f32"]
        else:
            body.append(f"%r = arith.addf %u, %m : {wide}")
        score = (f" score {{\n  ^bb0(%s: {wide}, %m: {masked}):\n"
                 f"    %half = arith.constant 0.5 : {wide}\n"
                 f"    %low = arith.constant -1.0e9 : {wide}\n    " + "\n    ".join(body) +
                 f"\n    ein.yield %r : {wide}\n  }}")
    shape = tuple("?" if any("?" in t for t in types[:3]) else extents[i] for i in "qhv")
    result = program.name()
    equation = ",".join(terms + ([mask] if mask else [])) + "->qhv"
    program.lines.append(f'{result} = ein.attention "{equation}" ({", ".join(operands)}){score} : '
                         f"({', '.join(types)}) -> {tensor(shape, element)}")
    program.result(result, shape, element)


def large(program):
    """A matrix as large as the blocks of what is bound by memory: turned, summed, normalised."""
    rng = program.rng
    element = rng.choice(["f32", "f64"])
    rows, columns = rng.choice([(600, 37), (21, 530), (3, 8200), (140, 1000), (1000, 140)])
    left, ls = program.constant((rows,), element)
    right, rs = program.constant((columns,), element)
    shape = (ls[0], rs[0])
    matrix, result = program.name(), program.name()
    program.lines.append(
        f'{matrix} = ein.map "i,j" ({left}, {right}) : ({tensor(ls, element)}, '
        f"{tensor(rs, element)}) -> {tensor(shape, element)} {{\n  ^bb0(%a: {element}, %b: "
        f"{element}):\n    %c = arith.mulf %a, %b : {element}\n    %d = arith.addf %c, %b : "
        f"{element}\n    ein.yield %d : {element}\n  }}")
    kind = rng.choice(["turn", "reduce", "normalize"])
    if kind == "turn":
        turned = tensor(shape[::-1], element)
        program.lines.append(
            f'{result} = ein.map "ji,j" ({matrix}, {left}) : ({tensor(shape, element)}, '
            f"{tensor(ls, element)}) -> {turned} {{\n  ^bb0(%a: {element}, %b: {element}):\n"
            f"    %c = arith.subf %a, %b : {element}\n    ein.yield %c : {element}\n  }}")
        return program.result(result, shape[::-1], element)
    dims = rng.choice([[0], [1]] if kind == "normalize" else [[0], [1], [0, 1]])
    if kind == "normalize":
        name = rng.choice(["softmax", "lnorm", "rmsnorm", "l2norm"])
        program.lines.append(f"{result} = ein.normalize {name} {dims} ({matrix}) : "
                             f"{tensor(shape, element)}")
        return program.result(result, shape, element)
    kept = tuple(n for d, n in enumerate(shape) if d not in dims)
    name = rng.choice(["max", "min", "add"])
    program.lines.append(f"{result} = ein.reduce {name} {dims} ({matrix}) : "
                         f"({tensor(shape, element)}) -> {tensor(kept, element)}")
    return program.result(result, kept, element)


KINDS = [contraction, contraction, contraction, mapping, reduction, normalization, gathering,
         scattering, attention, large]


def run(mode, path):
    return subprocess.run(["tl-opt", mode, path, "-o", "/dev/null"], capture_output=True,
                          text=True, check=False)


def numbers(line):
    kind, values = re.match(r"result \d+: tensor<([^>]*)> (.*)", line).groups()
    element = kind.split("x")[-1]
    return element, [complex(n.replace("nan", "nan")) if element.startswith("c") else
                     float({"true": 1, "false": 0}.get(n, n))
                     for n in re.findall(r"[^\s,\[\]]+", values)]


def differs(expected, actual):
    element, left = numbers(expected)
    other, right = numbers(actual)
    if element != other or len(left) != len(right):
        return True
    tolerance = TOLERANCE.get(element, 0)
    for x, y in zip(left, right):
        if x == y or (x != x and y != y):
            continue
        if not abs(x - y) <= tolerance * max(1, abs(x)):
            return True
    return False


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    mode = "--test-cpu" + ("=" + sys.argv[3] if len(sys.argv) > 3 else "")
    kinds = [kind for kind in KINDS if len(sys.argv) < 5 or kind.__name__ == sys.argv[4]]
    # Kernels for GPUs have room for queries and values of known sizes.
    Program.castsHeads = "gpu" not in mode
    failures = 0
    for number in range(seed, seed + count):
        program = Program(random.Random(number))
        for _ in range(6):
            program.rng.choice(kinds)(program)
        if not program.results:
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".mlir") as file:
            file.write(program.text())
            file.flush()
            expected, actual = run("--test-reference", file.name), run(mode, file.name)
        left, right = expected.stdout.splitlines(), actual.stdout.splitlines()
        wrong = expected.returncode != 0 or len(left) != len(right)
        wrong = wrong or any(differs(x, y) for x, y in zip(left, right))
        if wrong:
            failures += 1
            print(f"seed {number} differs\n{expected.stderr}{actual.stderr}")
            for x, y in zip(left, right):
                if differs(x, y):
                    print("expected", x[:2000])
                    print("actual  ", y[:2000])
    print(f"{count} programs, {failures} failures")
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
