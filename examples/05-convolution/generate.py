"""Writes convolution.npz."""
import os

import numpy as np

random = np.random.default_rng(5)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


np.savez(os.path.join(os.path.dirname(__file__), "convolution.npz"), image=normal(12, 12, 3),
         filter=normal(2, 3, 3, 3))
