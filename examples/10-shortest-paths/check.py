"""Floyd and Warshall's algorithm in NumPy."""
import os
import sys

import numpy as np

edges = np.load(os.path.join(os.path.dirname(__file__), "edges.npy"))
dist = edges.copy()
for town in range(len(edges)):
    dist = np.minimum(dist, dist[:, town, None] + dist[town])
np.testing.assert_array_equal(np.load(sys.argv[1]), dist)


def times(a, b):
    return (a[:, :, None] + b).min(axis=1)


hops2 = times(edges, edges)
np.testing.assert_array_equal(np.load(sys.argv[2]), times(hops2, hops2))
