"""Writes block.npz."""
import os

import numpy as np

random = np.random.default_rng(4)
positions, width, heads, key, hidden = 12, 32, 4, 8, 64


def normal(*shape, scale=1.0):
    return (scale * random.standard_normal(shape)).astype(np.float32)


np.savez(os.path.join(os.path.dirname(__file__), "block.npz"), x=normal(positions, width),
         wq=normal(heads, key, width, scale=0.2), wk=normal(heads, key, width, scale=0.2),
         wv=normal(heads, key, width, scale=0.2), wo=normal(width, heads * key, scale=0.2),
         gain1=1 + normal(width, scale=0.1), gain2=1 + normal(width, scale=0.1),
         w1=normal(hidden, width, scale=0.2), b1=normal(hidden, scale=0.1),
         w2=normal(width, hidden, scale=0.1), b2=normal(width, scale=0.1))
