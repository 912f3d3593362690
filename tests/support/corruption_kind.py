"""What a corruption of a data folder is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

Rng = np.random.Generator
Corruption = Callable[[Path, Rng], str]
"""(data folder, randomness) -> what was done, for the record."""

SPLITS = ("train", "val")
