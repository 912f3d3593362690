"""The recognisers that `benchmarks/reading.py` compares: ours and their peers, with what each has read."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.line_peers import PEERS, ReadLines
from benchmarks.options import chosen_peers, whole
from benchmarks.peers import packages
from benchmarks.run import cpu
from ocr.metrics.text import TextCounts, compare_texts
from ocr.pipeline.recognizer import LineReader
from ocr.types import UInt8Array, Word
from ocr.utils.digest import file_sha256
from ocr.utils.whole_file import whole_file

SLOW = ("easyocr", "tesseract")
"""Peers that read only some of the images."""


@dataclass(slots=True)
class Reader:
    """One row of the table.

    Attributes:
        name: as the table has it.
        version: what decides its output.
        start: loads it.
        kept: file with texts and times by image; ``None``: nothing is kept.
        limit: maximum number of images; ``None``: all.
        texts: what was read, by image.
        seconds: time of each image.
    """

    name: str
    version: str
    start: Callable[[], ReadLines]
    kept: Path | None = None
    limit: int | None = None
    texts: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    read: ReadLines | None = None

    def __call__(self, name: str, image_HWC: UInt8Array, words: Sequence[Word]) -> None:
        """Read the lines of an image, unless that is kept from before."""
        if name in self.texts:
            return
        self.read = self.read or self.start()
        started = time.perf_counter()
        self.texts[name] = self.read(image_HWC, [word.points_N2 for word in words])
        self.seconds[name] = time.perf_counter() - started

    def load(self, digests: Mapping[str, str]) -> None:
        """Take texts and times of an earlier run over the same lines.

        Args:
            digests: `lines_digest` of each image.
        """
        if self.kept is not None and self.kept.is_file():
            content = json.loads(self.kept.read_text(encoding="utf-8"))
            before = content.get("digests", {})
            same = [name for name in content["texts"] if name in before and before[name] == digests.get(name)]
            self.texts = {name: content["texts"][name] for name in same}
            self.seconds = {name: content["seconds"][name] for name in same}

    def keep(self, digests: Mapping[str, str]) -> None:
        """Write texts and times for a later run."""
        if self.kept is None:
            return
        content = {
            "digests": {name: digests[name] for name in self.texts},
            "measured": datetime.date.today().isoformat(),
            "texts": self.texts,
            "seconds": self.seconds,
        }
        with whole_file(self.kept) as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def counts(self, truth: Mapping[str, Sequence[Word]], names: Sequence[str]) -> list[TextCounts]:
        """Counts of the lines of the images that it has read."""
        return [
            compare_texts(word.text or "", text)
            for name in names
            if name in self.texts
            for word, text in zip(truth[name], self.texts[name], strict=True)
        ]


def lines_digest(annotation_sha256: str, granularity: str, words: Sequence[Word]) -> str:
    """What decides which lines of an image are read."""
    polygons = [np.ascontiguousarray(word.points_N2, np.float32).tobytes() for word in words]
    each = [hashlib.sha256(part).digest() for part in (annotation_sha256.encode(), granularity.encode(), *polygons)]
    return hashlib.sha256(b"".join(each)).hexdigest()


def our_readers(models: Sequence[str]) -> list[Reader]:
    """One row for each of our files."""

    def start(model: str) -> ReadLines:
        reader = LineReader.load(model, threads=1)
        return lambda image_HWC, polygons: [reading.text for reading in reader.read(image_HWC, polygons)]

    return [
        Reader(f"ours: {model}", f"{file_sha256(Path(model))[:12]}, {packages('onnxruntime')}", partial(start, model))
        for model in models
    ]


def peer_readers(given: Mapping[str, str], folder: Path) -> tuple[list[Reader], dict[str, str]]:
    """The peers that can be run, and why the others cannot.

    Raises:
        InputError: a peer is unknown.
    """
    chosen, missing = chosen_peers(given["peers"], PEERS)
    readers = []
    for key, peer, version in chosen:
        kept = folder / (re.sub(r"[^\w.-]+", "_", f"{peer.name} {version} {cpu()} {given['granularity']}") + ".json")
        limit = whole("slow_n", given["slow_n"]) if key in SLOW else None
        readers.append(Reader(peer.name, version, peer.start, kept, limit))
    return readers, missing
