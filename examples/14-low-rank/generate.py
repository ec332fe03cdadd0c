"""Writes layer.npz and coupling.npz."""
import math
import os

import numpy as np

folder = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(3)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


# A matrix of rank 5 with a little noise, as training leaves it, and one that is noise.
w = normal(96, 5) @ normal(5, 96) + 1e-4 * normal(96, 96)
np.savez_compressed(os.path.join(folder, "layer.npz"), w=w, v=normal(96, 96) / 10)


def clebsch_gordan(j1, m1, j2, m2, j, m):
    """Racah's formula."""
    f = math.factorial
    if m1 + m2 != m or not abs(j1 - j2) <= j <= j1 + j2:
        return 0.0
    scale = math.sqrt((2 * j + 1) * f(j + j1 - j2) * f(j - j1 + j2) * f(j1 + j2 - j)
                      / f(j1 + j2 + j + 1))
    scale *= math.sqrt(f(j + m) * f(j - m) * f(j1 - m1) * f(j1 + m1) * f(j2 - m2) * f(j2 + m2))
    total = 0.0
    for k in range(j1 + j2 - j + 1):
        parts = [k, j1 + j2 - j - k, j1 - m1 - k, j2 + m2 - k, j - j2 + m1 + k, j - j1 - m2 + k]
        if min(parts) >= 0:
            total += (-1) ** k / math.prod(f(part) for part in parts)
    return scale * total


def coupling(l1, l2, l):
    """The coefficients as an array over m1, m2 and m."""
    return np.array([[[clebsch_gordan(l1, a, l2, b, l, c) for c in range(-l, l + 1)]
                      for b in range(-l2, l2 + 1)] for a in range(-l1, l1 + 1)], np.float32)


if __name__ == "__main__":
    np.savez_compressed(os.path.join(folder, "coupling.npz"), c=coupling(2, 2, 2))
