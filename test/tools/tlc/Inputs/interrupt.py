"""Stops `tlc einsum ... -o out.npy` after various times; the file is whole or absent."""

import os
import signal
import subprocess
import sys
import time

import numpy as np

folder = sys.argv[1]
os.chdir(folder)
np.save("a.npy", np.ones((1200, 1200), np.float32))
for delay in (0.0, 0.02, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3):
    process = subprocess.Popen(["tlc", "einsum", "ij,jk->ik", "a.npy", "a.npy", "-o", "out.npy"])
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    code = process.wait(timeout=5)
    assert code in (0, 130, -signal.SIGINT), code
    if os.path.exists("out.npy"):
        assert np.load("out.npy").shape == (1200, 1200)
        os.remove("out.npy")
    assert os.listdir(".") == ["a.npy"], os.listdir(".")
