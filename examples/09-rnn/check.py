"""Runs the network with NumPy and compares the last state and the classes."""
import os
import sys

import numpy as np

npz = np.load(os.path.join(os.path.dirname(__file__), "rnn.npz"))
data = {name: npz[name].astype(float) for name in npz.files}
state = np.zeros(data["w"].shape[0])
for step in data["u"].T:
    state = np.tanh(data["w"] @ state + data["v"] @ step)
logits = data["out"] @ state
expected = np.exp(logits - logits.max())
np.testing.assert_allclose(np.load(sys.argv[1]), state, rtol=1e-3, atol=1e-4)
np.testing.assert_allclose(np.load(sys.argv[2]), expected / expected.sum(), rtol=1e-3, atol=1e-4)
