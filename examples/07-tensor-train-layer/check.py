"""Builds the full matrix with NumPy and compares."""
import os
import sys

import numpy as np

npz = np.load(os.path.join(os.path.dirname(__file__), "layer.npz"))
data = {name: npz[name].astype(float) for name in npz.files}
matrix = np.einsum("lir,rmjq,qnk->lmnijk", data["g1"], data["g2"], data["g3"]).reshape(512, 512)
product = data["x"].reshape(-1, 512) @ matrix.T
expected = np.maximum(product.reshape(data["x"].shape) + data["bias"], 0)
np.testing.assert_allclose(np.load(sys.argv[1]), expected, rtol=1e-4, atol=1e-4)
