"""Computes the kernels with NumPy and compares; the naive readings differ."""
import os
import sys

import numpy as np

npz = np.load(os.path.join(os.path.dirname(__file__), "kernels.npz"))
x, z, alpha, label = (npz[name].astype(float) for name in ("x", "z", "alpha", "label"))
poly, gauss, y = (np.load(path) for path in sys.argv[1:])

np.testing.assert_allclose(poly, (z @ x.T)**3, rtol=1e-3, atol=1e-4)
squares = (z[:, None] - x)**2
expected = np.exp(-squares.sum(axis=2) / 8)
np.testing.assert_allclose(gauss, expected, rtol=1e-4, atol=1e-6)
np.testing.assert_allclose(y, 1 / (1 + np.exp(-(expected @ (alpha * label) + 0.25))), rtol=1e-4)

assert not np.allclose(poly, np.einsum("qj,ij->qi", z**3, x**3))
assert not np.allclose(gauss, np.exp(-squares / 8).sum(axis=2))
