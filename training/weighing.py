"""What each window weighs in a fit: kinds by their share, large groups by their root."""

from collections import Counter

import numpy as np
import numpy.typing as npt

from training.examples import (
    ACTIVITY,
    QUAKE,
    QUIET,
    SIMULATED_NOISE,
    SIMULATED_QUAKE,
    Examples,
)

# Earthquakes half. The recorded weigh most.
SHARES = {
    QUAKE: 0.38,
    SIMULATED_QUAKE: 0.12,
    QUIET: 0.14,
    ACTIVITY: 0.26,
    SIMULATED_NOISE: 0.10,
}


def weights(examples: Examples) -> npt.NDArray[np.float32]:
    """Return what each row weighs, 1 on average: kinds by SHARES, large groups by their root."""
    keys = list(zip(examples.kind.tolist(), examples.group.tolist(), strict=True))
    sizes = Counter(keys)
    found = np.array([sizes[key] ** -0.5 for key in keys])
    for kind, share in SHARES.items():
        rows = examples.kind == kind
        if rows.any():
            found[rows] *= share / found[rows].sum()
    return np.asarray(found * len(found) / found.sum(), np.float32)
