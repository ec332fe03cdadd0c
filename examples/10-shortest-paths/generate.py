"""Writes edges.npy: thirty towns on a ring with a few shortcuts."""
import os

import numpy as np

random = np.random.default_rng(10)
towns = 30
edges = np.full((towns, towns), np.inf, np.float32)
np.fill_diagonal(edges, 0)
for town in range(towns):
    edges[town, (town + 1) % towns] = random.integers(1, 10)
for _ in range(15):
    edges[tuple(random.integers(0, towns, 2))] = random.integers(5, 40)
np.fill_diagonal(edges, 0)
np.save(os.path.join(os.path.dirname(__file__), "edges.npy"), edges)
