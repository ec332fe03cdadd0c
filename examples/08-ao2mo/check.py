"""Transforms the integrals with NumPy and compares in double precision."""
import os
import sys

import numpy as np

data = np.load(os.path.join(os.path.dirname(__file__), "ao2mo.npz"))
c = data["c"]
expected = np.einsum("ap,bq,cr,ds,abcd->pqrs", c, c, c, c, data["ao"], optimize=True)
actual = np.load(sys.argv[1])
assert actual.dtype == np.float64
np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12)
