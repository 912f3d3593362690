"""Obtain a data set, verify it against its pointer, record it and share it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr.utils.data_store import obtain, push, record
from ocr.utils.printable import say


@dataclass(frozen=True)
class DataFolder:
    """A data set, and what to do with it.

    Attributes:
        root: its folder.
        pointer: its ``.dvc`` file; ``None``: next to the folder, named after it.
        repair: pull the folder if a remote is set and it does not match the pointer.
        record: record the folder as it is.
        push: send the objects that the remote lacks.
        generated: the folder that may be generated if it is missing and no remote is set.
    """

    root: str
    pointer: str | None
    repair: bool
    record: bool
    push: bool
    generated: str


def keep_data(wanted: DataFolder, corpus: Mapping[str, Any]) -> None:
    """Obtain or record the folder, then push it if asked to.

    Args:
        wanted: the folder.
        corpus: arguments of `ocr.pipeline.synthesize.write_corpus` besides the output, for a generated folder.

    Raises:
        FileNotFoundError: the folder or its pointer is missing and cannot be made.
        InputError: the folder does not match its pointer, or DVC fails.
    """
    root = Path(wanted.root)
    pointer = Path(wanted.pointer or f"{root}.dvc")

    def draw(place: Path) -> None:
        say(f"no {place}/ yet and no remote is set: generating it")
        # Imported only when a corpus is drawn: `make data` runs before most targets and usually verifies alone.
        importlib.import_module("ocr.pipeline.synthesize").write_corpus(str(place), **corpus)

    drawn = draw if root == Path(wanted.generated) else None
    digest = record(root, pointer) if wanted.record else obtain(root, pointer, drawn, wanted.repair)
    say(f"{root}: {digest} {'recorded in' if wanted.record else 'as in'} {pointer}")
    if wanted.push:
        push(pointer)
