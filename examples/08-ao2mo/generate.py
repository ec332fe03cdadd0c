"""Writes ao2mo.npz: symmetric integrals as they are, and orthonormal orbitals."""
import os

import numpy as np

random = np.random.default_rng(8)
orbitals = 8
ao = random.standard_normal([orbitals] * 4)
ao = ao + ao.transpose(1, 0, 2, 3)
ao = ao + ao.transpose(0, 1, 3, 2)
ao = ao + ao.transpose(2, 3, 0, 1)
c = np.linalg.qr(random.standard_normal((orbitals, orbitals)))[0]
np.savez(os.path.join(os.path.dirname(__file__), "ao2mo.npz"), ao=ao, c=c[:, :6])
