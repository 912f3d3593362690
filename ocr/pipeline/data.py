"""Obtain a data set and verify it against its pointer, record it, share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr.pipeline.synthesize import write_corpus
from ocr.utils.data_store import obtain, push, record
from ocr.utils.printable import say


@dataclass(frozen=True)
class DataFolder:
    """A data set, and what is done with it.

    Attributes:
        root: its folder.
        pointer: its ``.dvc`` file; ``None``: beside the folder, of its name.
        repair: pull the folder where a remote is set and it is not what the pointer says.
        record: record the folder as it is.
        push: send what the remote lacks.
        generated: the folder that may be drawn where it is missing and no remote is set.
    """

    root: str
    pointer: str | None
    repair: bool
    record: bool
    push: bool
    generated: str


def keep_data(wanted: DataFolder, corpus: Mapping[str, Any]) -> None:
    """Obtain or record the folder, then push it where that is asked for.

    Args:
        wanted: the folder.
        corpus: what `synthesize` takes beside the output, for a folder that is drawn.

    Raises:
        FileNotFoundError: the folder or its pointer is missing, and nothing can make it.
        InputError: the folder is not what its pointer says, or DVC fails.
    """
    root = Path(wanted.root)
    pointer = Path(wanted.pointer or f"{root}.dvc")

    def draw(place: Path) -> None:
        say(f"no {place}/ yet, and no remote is set: drawing it")
        write_corpus(str(place), **corpus)

    drawn = draw if root == Path(wanted.generated) else None
    digest = record(root, pointer) if wanted.record else obtain(root, pointer, drawn, wanted.repair)
    say(f"{root}: {digest} {'recorded in' if wanted.record else 'as in'} {pointer}")
    if wanted.push:
        push(pointer)
