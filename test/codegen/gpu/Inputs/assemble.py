"""Assembles PTX for several GPUs; no kernel may spill registers.

usage: assemble.py PTXAS FILE..."""
import os
import re
import subprocess
import sys

for path in sys.argv[2:]:
    for arch in ("sm_80", "sm_90a", "sm_100a"):
        done = subprocess.run([sys.argv[1], "-arch=" + arch, "-v", path, "-o", os.devnull],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, (path, arch, done.stdout)
        spills = re.findall(r"[1-9]\d* bytes spill \w+", done.stdout)
        warnings = re.findall(r".*C75\d\d.*", done.stdout)
        assert not spills and not warnings, (path, arch, spills, warnings)
