"""Seeded corruptions of a native data folder: what disks, scripts, annotators and strangers do to images and JSON."""

from pathlib import Path

from PIL import Image

from corrupted_annotations import BYTES, ENTRY
from corrupted_images import IMAGE
from corrupted_words import WORD
from corruption_kind import Rng

__all__ = ["BYTES", "ENTRY", "IMAGE", "WORD", "corrupt"]


def corrupt(root: Path, rng: Rng) -> list[str]:
    """One to three corruptions of a data folder, in place; one that finds nothing left to corrupt is drawn anew.

    Returns:
        What was done, a line each, beginning with the corruption's name.
    """
    done: list[str] = []
    wanted = int(rng.integers(1, 4))
    while len(done) < wanted:
        group = (IMAGE, BYTES, ENTRY, WORD)[int(rng.choice(4, p=(0.35, 0.1, 0.2, 0.35)))]
        name = str(rng.choice(sorted(group)))
        try:
            done.append(f"{name}: {group[name](root, rng)}")
        except (
            OSError,
            ValueError,
            IndexError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
            Image.DecompressionBombError,
        ):
            if not any(root.rglob("*.json")):
                break  # an earlier corruption took the file away that this one needs
    return done
