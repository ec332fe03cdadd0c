"""Writes kernels.npz."""
import os

import numpy as np

random = np.random.default_rng(11)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


np.savez(os.path.join(os.path.dirname(__file__), "kernels.npz"), x=normal(40, 6), z=normal(15, 6),
         alpha=np.abs(normal(40)), label=np.sign(normal(40)))
