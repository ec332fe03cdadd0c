"""Writes layer.npz."""
import os

import numpy as np

random = np.random.default_rng(7)
extent, rank, batch = 8, 4, 8


def normal(*shape):
    return (0.5 * random.standard_normal(shape)).astype(np.float32)


np.savez(os.path.join(os.path.dirname(__file__), "layer.npz"), x=normal(batch, *[extent] * 3),
         g1=normal(extent, extent, rank), g2=normal(rank, extent, extent, rank),
         g3=normal(rank, extent, extent), bias=normal(*[extent] * 3))
