"""Writes mps.npz."""
import os

import numpy as np

random = np.random.default_rng(6)
bonds = [4, 8, 8, 8, 4]


def normal(*shape):
    return (random.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32)


middle = {f"a{i + 2}": normal(left, 2, right)
          for i, (left, right) in enumerate(zip(bonds, bonds[1:]))}
np.savez(os.path.join(os.path.dirname(__file__), "mps.npz"), a1=normal(2, bonds[0]), **middle,
         a6=normal(bonds[-1], 2))
