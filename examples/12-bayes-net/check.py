"""Enumerates the worlds with NumPy and compares."""
import itertools
import sys

import numpy as np

cloudy = np.array([0.5, 0.5])
sprinkler = np.array([[0.5, 0.5], [0.9, 0.1]])
rain = np.array([[0.8, 0.2], [0.2, 0.8]])
wet = np.array([[[1.0, 0.0], [0.1, 0.9]], [[0.1, 0.9], [0.01, 0.99]]])
joint = np.zeros(2)
for c, s, r in itertools.product(range(2), repeat=3):
    joint[r] += cloudy[c] * sprinkler[c, s] * rain[c, r] * wet[s, r, 1]
np.testing.assert_allclose(np.load(sys.argv[1]), joint / joint.sum(), rtol=1e-5)
