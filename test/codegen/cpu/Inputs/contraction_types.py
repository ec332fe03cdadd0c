"""Compares packed contractions of all types and semirings with the reference interpreter.

    contraction_types.py contractions.py quick|full
"""
import subprocess
import sys
import tempfile

SUMS = [["bf16"], ["f16"], ["bf16", "sum_product", "f32"], ["i8"], ["i8", "sum_product", "i32"],
        ["i32"], ["i64"], ["complex<f32>"], ["complex<f64>"]]
SEMIRINGS = [["i1", "or_and"], ["f32", "min_plus", "f32", "--rare"],
             ["f64", "max_plus", "f64", "--rare"], ["f32", "max_times", "f32", "--rare"],
             ["f32", "max_min", "f32", "--rare"], ["i32", "min_plus"], ["bf16", "max_plus"]]
PROCESSORS = ["threads=1", "threads=2 cpu=x86-64-v3", "cpu=baseline"]
LOWERINGS = ["packed", "direct"]


def results(options, path):
    run = subprocess.run(["tl-opt", options, path, "-o", "/dev/null"], capture_output=True, text=True)
    # The sign of no number is nobody's.
    return run.stdout.replace("-nan", "nan") if run.returncode == 0 else run.stderr


def main():
    full = sys.argv[2] == "full"
    count = failures = 0
    for number, kind in enumerate(SUMS + SEMIRINGS):
        module = subprocess.run([sys.executable, sys.argv[1], *kind, *([] if full else ["--few"])],
                                capture_output=True, text=True, check=True).stdout
        with tempfile.NamedTemporaryFile("w", suffix=".mlir") as file:
            file.write(module)
            file.flush()
            expected = results("--test-reference", file.name)
            others = PROCESSORS if full else [PROCESSORS[0], PROCESSORS[1 + number % 2]]
            for processor in others:
                for lowering in LOWERINGS if full else LOWERINGS[:1]:
                    count += 1
                    got = results(f"--test-cpu={processor} force-lowering={lowering}", file.name)
                    if got != expected or "result" not in got:
                        failures += 1
                        print(*kind, processor, lowering, first_difference(expected, got))
    print(f"{count} comparisons, {failures} failures")


def first_difference(expected, got):
    for one, other in zip(expected.splitlines(), got.splitlines()):
        if one != other:
            for number, (a, b) in enumerate(zip(one.split(","), other.split(","))):
                if a != b:
                    return f"{one[:40]}: number {number} is {b}, not {a}"[:300]
    return got[-300:]


main()
