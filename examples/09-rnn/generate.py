"""Writes rnn.npz."""
import os

import numpy as np

random = np.random.default_rng(9)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


np.savez(os.path.join(os.path.dirname(__file__), "rnn.npz"), u=normal(6, 50), w=normal(24, 24) / 6,
         v=normal(24, 6) / 3, out=normal(5, 24))
