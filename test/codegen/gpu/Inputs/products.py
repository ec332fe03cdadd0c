"""Products of two tensors on tensor cores against the reference interpreter: every type and layout,
extents that tiles and chunks divide and extents that they do not, several tiles, steps of any ring of
stages, extents known at run time, epilogues.

usage: products.py FIRST COUNT [LOWERING]      (LOWERING: as tl-opt's force-lowering)"""
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "cpu",
                                "Inputs"))
from random_programs import Program, run, tensor, numbers  # noqa: E402

EQUATIONS = ["ik,kj->ij", "ik,jk->ij", "ki,kj->ij", "ki,jk->ji", "bik,bkj->bij", "ibk,jkb->bji",
             "ick,kcj->ij", "aik,kj->aij", "iak,kbj->aibj", "kia,jkb->jiab"]
# The last column: relative to the largest result, since sums cancel.
TYPES = [("bf16", 2e-2), ("f16", 4e-3), ("f64", 1e-12), ("i8", 0), ("f32", 4e-3)]
ALIGNED, RAGGED = [16, 32, 48, 64, 80, 144], [17, 19, 30, 33, 67, 101, 130]
WIDE = {"f64": "f64", "i8": "i8"}


def product(program, number):
    rng = program.rng
    element, _ = TYPES[number % len(TYPES)]
    equation = rng.choice(EQUATIONS)
    choice = rng.choice([ALIGNED, ALIGNED, RAGGED, ALIGNED + RAGGED])
    extent = {d: rng.choice(choice) for d in "ijk"}
    extent["k"] = rng.choice([16, 40, 64, 136, 200, 256, 264] if choice is ALIGNED else [16, 37, 72, 203])
    extent.update({"a": rng.choice([2, 3]), "b": rng.choice([2, 3, 8]), "c": rng.choice([2, 8])})
    left, right = equation.split("->")[0].split(",")
    result = equation.split("->")[1]
    values, types, known = [], [], {}
    for term in (left, right):
        value, shape = program.constant(tuple(extent[d] for d in term), element)
        values.append(value)
        types.append(tensor(shape, element))
        known.update({d: n for d, n in zip(term, shape) if n != "?"})
    shape = tuple(known.get(d, "?") for d in result)
    wide = WIDE.get(element, "f32")
    epilogue = ""
    if rng.random() < 0.4 and element != "i8":
        axes = "ijkl"[:len(result)]
        bias, bias_shape = program.constant((extent[result[-1]],), element)
        other, other_shape = program.constant(tuple(extent[d] for d in result), wide)
        convert, argument = "", "%b"
        if element != wide:
            convert, argument = f"    %w = arith.extf %b : {element} to {wide}\n", "%w"
        epilogue = (f' epilogue "{axes[-1]},{axes}" ({bias}, {other} : '
                    f"{tensor(bias_shape, element)}, {tensor(other_shape, wide)}) {{\n"
                    f"  ^bb0(%s: {wide}, %b: {element}, %o: {wide}):\n{convert}"
                    f"    %t = arith.addf %s, {argument} : {wide}\n"
                    f"    %u = arith.mulf %t, %o : {wide}\n"
                    + (f"    %z = arith.truncf %u : {wide} to {element}\n    ein.yield %z : {element}"
                       if element != wide else f"    ein.yield %u : {wide}") + "\n  }")
    name = program.name()
    program.lines.append(f'{name} = ein.contract "{equation}" sum_product ({values[0]}, {values[1]})'
                         f"{epilogue} : ({types[0]}, {types[1]}) -> {tensor(shape, element)}")
    program.result(name, shape, element)
    return equation, extent


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    mode = "--test-cpu=gpu=sm_80 allow-tf32=true"
    if len(sys.argv) > 3:
        mode += " force-lowering=" + sys.argv[3]
    failures = 0
    for number in range(first, first + count):
        program = Program(random.Random(number))
        what = product(program, number)
        element, tolerance = TYPES[number % len(TYPES)]
        os.environ["VGPU_SEED"] = str(number)
        with tempfile.NamedTemporaryFile("w", suffix=".mlir") as file:
            file.write(program.text())
            file.flush()
            expected, actual = run("--test-reference", file.name), run(mode, file.name)
        lines = expected.stdout.splitlines(), actual.stdout.splitlines()
        isRight = len(lines[0]) == len(lines[1]) > 0
        if isRight:
            left, right = numbers(lines[0][0])[1], numbers(lines[1][0])[1]
            largest = max(map(abs, left))
            isRight = len(left) == len(right) and all(
                abs(x - y) <= tolerance * largest for x, y in zip(left, right))
        if not isRight:
            failures += 1
            print("number", number, element, *what, actual.stderr[-600:], expected.stderr[-300:])
    print("%d products, %d failures" % (count, failures))
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
