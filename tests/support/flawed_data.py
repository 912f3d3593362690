"""A small native data folder that tests put flaws into, and its check."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ocr.checks.entry import check_entry
from ocr.checks.folder import contents_of
from ocr.checks.images import Limits
from ocr.checks.result import CheckResult

Entry = dict[str, Any]


def page(seed: int, width: int = 120, height: int = 160) -> np.ndarray:
    """uint8 RGB picture that looks like no other: coarse random patches, so that JPEG keeps it."""
    rng = np.random.default_rng(seed)
    return cv2.resize(rng.integers(0, 255, (8, 6, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)


def square(left: float, top: float, side: float = 20) -> list[list[float]]:
    right, bottom = left + side, top + side
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def entry(*polygons: Any, size: tuple[int, int] = (120, 160), **word: Any) -> Entry:
    """An image's entry with a word for each polygon, each on a line of its own."""
    words = {
        f"{number:04d}": {"points": points, "line": number, **word} for number, points in enumerate(polygons, start=1)
    }
    return {"img_w": size[0], "img_h": size[1], "words": words}


class Data:
    """A native data folder that grows image by image."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.count = 0

    def image(self, split: str, name: str, content: bytes | np.ndarray | None = None) -> Path:
        """Put an image there: bytes as they are, pixels as the name's ending says, else a picture of its own."""
        path = self.root / "images" / split / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.count += 1
        if content is None:
            content = page(self.count)
        if isinstance(content, np.ndarray):
            content = cv2.imencode(path.suffix, cv2.cvtColor(content, cv2.COLOR_RGB2BGR))[1].tobytes()
        path.write_bytes(content)
        return path

    def annotate(self, split: str, images: dict[str, Any] | str | bytes) -> None:
        """Write the annotation: entries by name, or the file's text."""
        path = self.root / "jsons" / f"{split}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(images, dict):
            images = json.dumps({"images": images})
        path.write_bytes(images if isinstance(images, bytes) else images.encode())


def check(root: Path, pixels: int = 10**6, size: int = 10**7) -> CheckResult:
    """Check a data folder here, without processes."""
    contents = contents_of(root)
    limits = Limits(pixels, size)
    return CheckResult.of(contents, [check_entry(task, root.resolve(), limits) for task in contents.tasks])
