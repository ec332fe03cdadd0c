"""Expands the state to all 64 configurations with NumPy and compares."""
import os
import sys

import numpy as np

data = np.load(os.path.join(os.path.dirname(__file__), "mps.npz"))
state = data["a1"].astype(float)
for site in range(2, 7):
    state = np.tensordot(state, data[f"a{site}"], 1)
norm = (state**2).sum()
z = np.einsum("stuvwx,u,stuvwx", state, [1, -1], state) / norm
np.testing.assert_allclose(np.load(sys.argv[1]), norm, rtol=1e-4)
np.testing.assert_allclose(np.load(sys.argv[2]), z, rtol=1e-4, atol=1e-6)
