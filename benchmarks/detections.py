"""The results and times of a detector for one image, cached in files so that a peer runs only once."""

from __future__ import annotations

import datetime
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.peers import Find, ReadPage
from ocr.page import TextLine
from ocr.types import FloatArray, Word
from ocr.utils.digest import file_sha256
from ocr.utils.whole_file import whole_file


@dataclass(frozen=True, slots=True)
class Found:
    """The result for one image.

    Attributes:
        polygons: float32 (N, 2) each, pixels of the image; none where the detector failed.
        seconds: wall time from the file to the polygons.
        processor_s: processor time of the same, of this process and its children; more than ``seconds`` would be more
            than one thread.
        kept_since: day (YYYY-MM-DD) of the measurement if this is from an earlier run, otherwise ``None``.
        failure: what the detector raised, if anything.
        texts: what was read in each polygon; empty if nothing was to be read.
        confidences: of each text, 0 to 1.
    """

    polygons: tuple[FloatArray, ...]
    seconds: float
    processor_s: float
    kept_since: str | None = None
    failure: str | None = None
    texts: tuple[str, ...] = ()
    confidences: tuple[float, ...] = ()

    @property
    def words(self) -> list[Word]:
        """The polygons with what was read in them."""
        return [Word(points_N2, text) for points_N2, text in zip(self.polygons, self.texts, strict=True)]


def detect(find: Find | ReadPage, path: Path) -> Found:
    """Time one image. If the detector raises, it has found nothing; the other detectors continue."""
    started, busy = time.perf_counter(), processor_time()
    failure = None
    found: tuple[FloatArray | TextLine, ...] = ()
    try:
        found = tuple(find(path))
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    seconds, processor_s = time.perf_counter() - started, processor_time() - busy
    polygons = tuple(each.points_N2 if isinstance(each, TextLine) else each for each in found)
    lines = [each for each in found if isinstance(each, TextLine)]
    texts, confidences = tuple(line.text for line in lines), tuple(line.confidence for line in lines)
    return Found(polygons, seconds, processor_s, None, failure, texts, confidences)


def processor_time() -> float:
    """Seconds that this process and the children that have ended have worked."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Detector:
    """One column of a comparison.

    Args:
        name: as the table has it.
        version: of what decides its output.
        start: loads it; called for the first image that is not cached.
        kept: folder of cached results; ``None``: no cache.
        fresh: measure cached images again.
        machine: the machine to which the cached times belong.
        limit: maximum number of images; ``None``: all.
    """

    def __init__(
        self,
        name: str,
        version: str,
        start: Callable[[], Find | ReadPage],
        *,
        kept: Path | None = None,
        fresh: bool = False,
        machine: str = "",
        limit: int | None = None,
    ) -> None:
        self.name, self.version, self.limit = name, version, limit
        self._start, self._fresh = start, fresh
        self._find: Find | ReadPage | None = None
        self._folder = None if kept is None else kept / re.sub(r"[^\w.-]+", "_", f"{name} {version} {machine}")

    def __call__(self, path: Path) -> Found:
        """The result for one image, from the cache or measured now."""
        file = None if self._folder is None else self._folder / f"{file_sha256(path)}.json"
        if file is not None and file.is_file() and not self._fresh:
            return read(file)
        if self._find is None:
            self._find = self._start()
        found = detect(self._find, path)
        if file is not None and found.failure is None:
            write(found, file)
        return found


def read(file: Path) -> Found:
    """Read what `write` wrote."""
    content = json.loads(file.read_text(encoding="utf-8"))
    polygons = tuple(np.asarray(points, np.float32) for points in content["polygons"])
    read_in_them = tuple(content.get("texts", ())), tuple(content.get("confidences", ()))
    return Found(polygons, content["seconds"], content["processor_s"], content["measured"], None, *read_in_them)


def write(found: Found, file: Path) -> None:
    """Cache a result atomically, with today's date."""
    content = {
        "measured": datetime.date.today().isoformat(),
        "seconds": found.seconds,
        "processor_s": found.processor_s,
        "polygons": [np.asarray(points, float).tolist() for points in found.polygons],
        "texts": found.texts,
        "confidences": found.confidences,
    }
    with whole_file(file) as temporary:
        temporary.write_text(json.dumps(content), encoding="utf-8")
