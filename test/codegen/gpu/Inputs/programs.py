"""Runs every example and every program of the paper with --target gpu, as their tests run them.

usage: programs.py SOURCE-FOLDER SEED... [--only TEXT] [--arch sm_90a]

A file's RUN lines are taken as they are, but for the target: what they compare with (NumPy, or
FileCheck) is the same. Programs of the paper run in f32 and in f64. For each seed of VGPU_SEED all
are run; seeds of a suite's test and of a long run differ in number only.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

source, seeds, options = sys.argv[1], [], {"--only": "", "--arch": ""}
arguments = iter(sys.argv[2:])
for argument in arguments:
    if argument in options:
        options[argument] = next(arguments)
    else:
        seeds.append(argument)
gpu = "--target gpu" + (f" --gpu-arch {options['--arch']}" if options["--arch"] else "")


def lines(path, stem):
    """The commands of the file's RUN lines that run it."""
    text = open(path).read()
    for command in re.findall(r"RUN: (.*)", text):
        if "explain" in command:
            continue
        command = command.replace("tlc run %s", f"tlc run %s {gpu}")
        if "conformance.py" in command:
            command += f" {gpu}"
        for name, value in (("%python", sys.executable), ("%source", source), ("%s", path),
                            ("%S", os.path.dirname(path)), ("%t", stem)):
            command = command.replace(name, value)
        yield command


programs = sorted(glob.glob(f"{source}/examples/*/*.tl") + glob.glob(f"{source}/test/conformance/*.tl"))
ran = failed = 0
for seed in seeds:
    environment = dict(os.environ, VGPU_SEED=seed)
    for path in programs:
        if options["--only"] not in path:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for command in lines(path, os.path.join(folder, "out")):
                done = subprocess.run(["bash", "-o", "pipefail", "-c", command], env=environment,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                if done.returncode:
                    failed += 1
                    print(f"seed {seed}: {os.path.relpath(path, source)}: {command}\n{done.stdout[-2000:]}")
                    break
        ran += 1
print(f"{ran} runs, {failed} failures")
sys.exit(failed > 0)
