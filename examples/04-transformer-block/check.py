"""Computes the block with NumPy in f64 and compares."""
import os
import sys

import numpy as np

npz = np.load(os.path.join(os.path.dirname(__file__), "block.npz"))
data = {name: npz[name].astype(float) for name in npz.files}
x, epsilon = data["x"], 1e-5

centred = x - x.mean(axis=1, keepdims=True)
norm = data["gain1"] * centred / np.sqrt(centred.var(axis=1, keepdims=True) + epsilon)
query, key, value = (np.einsum("hkd,pd->hpk", data[name], norm) for name in ("wq", "wk", "wv"))
score = np.einsum("hpk,hqk->hpq", query, key) / np.sqrt(query.shape[2])
score = np.where(np.tril(np.ones(score.shape[1:], bool)), score, -1e9)
comp = np.exp(score - score.max(axis=2, keepdims=True))
comp /= comp.sum(axis=2, keepdims=True)
merge = np.einsum("hpq,hqk->phk", comp, value).reshape(len(x), -1)
stream = merge @ data["wo"].T + x

norm = data["gain2"] * stream / np.sqrt((stream**2).mean(axis=1, keepdims=True) + epsilon)
hidden = norm @ data["w1"].T + data["b1"]
hidden /= 1 + np.exp(-hidden)
expected = hidden @ data["w2"].T + data["b2"] + stream
np.testing.assert_allclose(np.load(sys.argv[1]), expected, rtol=1e-4, atol=1e-4)
