"""Exits with 0 if two .npy files hold the same type, shape and (nearly) the same values."""

import sys

import numpy as np

x, y = np.load(sys.argv[1]), np.load(sys.argv[2])
sys.exit(0 if x.dtype == y.dtype and x.shape == y.shape and np.allclose(x, y) else 1)
