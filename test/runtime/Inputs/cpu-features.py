"""Compares what a program says about this processor with what the kernel says."""
import platform
import subprocess
import sys

# LLVM's name: the kernel's, where they differ by more than marks.
KERNEL = {"sse3": "pni", "lzcnt": "abm", "sahf": "lahf_lm", "bmi": "bmi1", "sha": "sha_ni",
          "pclmul": "pclmulqdq", "avx512vpopcntdq": "avx512_vpopcntdq", "egpr": "apx",
          "lse": "atomics", "fullfp16": "asimdhp", "rdm": "asimdrdm", "jsconv": "jscvt",
          "complxnum": "fcma", "rcpc": "lrcpc", "dotprod": "asimddp", "fp16fml": "asimdfhm",
          "fptoint": "frint", "f32mm": "svef32mm", "f64mm": "svef64mm"}


def plain(name):
    return name.replace("_", "").replace(".", "").replace("-", "")


def main():
    said = dict(line.split() for line in
                subprocess.run(sys.argv[1], stdout=subprocess.PIPE, check=True, text=True)
                .stdout.splitlines())
    assert said.pop("none") == "1" and said.pop("unknown") == "0"
    key = "flags" if platform.machine() == "x86_64" else "Features"
    with open("/proc/cpuinfo") as file:
        flags = next(line.split(":")[1].split() for line in file if line.startswith(key))
    flags = {plain(flag) for flag in flags}
    wrong = [name for name, has in said.items()
             if (plain(KERNEL.get(name, name)) in flags) != (has == "1")]
    print(f"{len(said)} features, differing: {wrong}")


main()
