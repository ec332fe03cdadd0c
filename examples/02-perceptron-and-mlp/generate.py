"""Writes mlp.npz."""
import os

import numpy as np

random = np.random.default_rng(2)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


np.savez(os.path.join(os.path.dirname(__file__), "mlp.npz"), x=normal(16, 64),
         w1=normal(32, 64) / 8, b1=normal(32), w2=normal(10, 32) / 6, b2=normal(10))
