"""Writes attention.npz."""
import os

import numpy as np

random = np.random.default_rng(3)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


np.savez(os.path.join(os.path.dirname(__file__), "attention.npz"), x=normal(20, 32),
         wq=normal(16, 32) / 5, wk=normal(16, 32) / 5, wv=normal(24, 32) / 5)
