"""Random numbers that depend only on what they are drawn for.

A draw is keyed by (seed, table, column, block, purpose). The number of workers and the order of work do not change it.
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


Integers = NDArray[np.int64]


def generator(seed: int, *key: str | int) -> np.random.Generator:
    """Return a Philox generator whose 128-bit key is the BLAKE2b digest of the seed and ``key``.

    Philox is counter-based: two different keys give independent streams, even if they are similar (Salmon et al., SC 2011).
    """
    digest = blake2b("\x1f".join([str(seed), *map(str, key)]).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, dtype=np.uint64)))
