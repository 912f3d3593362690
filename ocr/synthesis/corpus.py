"""Write a corpus of receipts in the native layout: ``images/<split>/*.jpg`` and ``jsons/<split>.json``."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from ocr.formats.native_writing import write_native
from ocr.synthesis.receipt import encode_quality, file_name, render_receipt
from ocr.types import InputError, Record
from ocr.utils.whole_file import exchange, staged_folder
from ocr.utils.workers import spread

OWN_ENTRIES = frozenset({"images", "jsons"})

Task = tuple[int, str, int, str]


class OutputExistsError(InputError):
    """The output folder is not empty."""


def generate_corpus(
    output_dir: Path,
    counts: Mapping[str, int],
    seed: int,
    workers: int,
    *,
    overwrite: bool = False,
    on_receipt: Callable[[], None] = lambda: None,
) -> None:
    """Write a corpus; its bytes depend only on the seed and the counts.

    A split's receipts do not depend on the other splits, and its first ones do not depend on its count. The corpus is
    moved into place when it is complete: until then it is written to a sibling folder or, if the output is a mount
    point, to a hidden folder in it.

    Args:
        output_dir: folder that gets ``images/`` and ``jsons/``.
        counts: receipts per split, not negative.
        seed: the corpus seed, not negative.
        workers: number of processes; 0 and 1 work in this one.
        overwrite: replace an existing corpus.
        on_receipt: called after each finished receipt.

    Raises:
        OutputExistsError: ``output_dir`` is not empty and ``overwrite`` is off, or it holds other files than a corpus.
        ValueError: a count, the seed or ``workers`` is out of range.
        FontMissingError: a font package is not installed.
        BrokenProcessPool: a worker was killed.
    """
    _check_numbers(counts, seed, workers)
    _check_output(output_dir, overwrite)
    with _staging_folder(output_dir) as staging:
        grown = staging / "grown"
        for split in counts:
            (grown / "images" / split).mkdir(parents=True)
        tasks = [
            (seed, split, index, str(grown / "images" / split / file_name(split, index)))
            for split, count in counts.items()
            for index in range(count)
        ]
        by_split: dict[str, list[Record]] = {split: [] for split in counts}
        with spread(workers, max(1, min(8, len(tasks) // max(workers, 1)))) as spread_map:
            for (_, split, _, _), record in zip(tasks, spread_map(make_file, tasks), strict=True):
                by_split[split].append(record)
                on_receipt()
        for split, records in by_split.items():
            (grown / "jsons").mkdir(exist_ok=True)
            write_native(records, grown / "jsons" / f"{split}.json")
        _move_into_place(staging, output_dir)


def draw_receipt(index: int, *, seed: int, split: str) -> tuple[bytes, Record]:
    """Synthesise one receipt with its encoded image; a pure function of its arguments.

    Args:
        index: number of the receipt in its split, from 0.
        seed: the corpus seed, not negative.
        split: name of the split.

    Returns:
        The JPEG file's bytes and the record, whose path is the bare file name.
    """
    picture, record = render_receipt(seed, split, index)
    quality, subsampling = encode_quality(seed, split, index)
    encoded = io.BytesIO()
    picture.save(encoded, format="JPEG", quality=quality, subsampling=subsampling)
    return encoded.getvalue(), record


def make_file(task: Task) -> Record:
    """Synthesise one receipt and write its image; the record names the file."""
    seed, split, index, path = task
    encoded, record = draw_receipt(index, seed=seed, split=split)
    Path(path).write_bytes(encoded)
    return replace(record, image_path=Path(path))


def _check_numbers(counts: Mapping[str, int], seed: int, workers: int) -> None:
    if not counts:
        raise ValueError("counts has no split; give at least one, such as {'train': 800}")
    for split, count in counts.items():
        if count < 0:
            raise ValueError(f"split {split!r}: count is {count}, must not be negative")
        if not split or "/" in split or split.startswith("."):
            raise ValueError(f"split name {split!r} cannot be a folder name")
    if seed < 0:
        raise ValueError(f"seed is {seed}, must not be negative")
    if workers < 0:
        raise ValueError(f"workers is {workers}, must be 0 (this process only) or more")


def _entries(folder: Path) -> Iterable[str]:
    return sorted(entry.name for entry in folder.iterdir())


def _check_output(output_dir: Path, overwrite: bool) -> None:
    if not output_dir.exists():
        return
    if not output_dir.is_dir():
        raise OutputExistsError(f"output {output_dir} is a file; give a folder")
    entries = [entry for entry in _entries(output_dir) if not _is_staging(output_dir, entry)]
    if not entries:
        return
    foreign = [entry for entry in entries if entry not in OWN_ENTRIES]
    if foreign:
        raise OutputExistsError(
            f"output {output_dir} holds {', '.join(foreign[:5])}, not a corpus; give another folder or empty it"
        )
    if not overwrite:
        raise OutputExistsError(f"output {output_dir} already holds a corpus; replace it with overwrite=true")


def _is_staging(output_dir: Path, name: str) -> bool:
    """Whether the name is that of a corpus's temporary folder."""
    return re.fullmatch(rf"\.{re.escape(output_dir.absolute().name)}\.\d+\.tmp", name) is not None


def _staging_folder(output_dir: Path) -> AbstractContextManager[Path]:
    """A temporary folder on the output's file system, so that moving it into place is a rename; always removed.

    It lies beside the output, or inside it if the output is a mount point (a container's volume), which is on another
    file system than its parent and cannot be renamed.
    """
    place = output_dir.absolute()
    return staged_folder(place, place if place.is_mount() else None)


def _move_into_place(staging: Path, output_dir: Path) -> None:
    """Move the finished folder into place; an older corpus is removed only now that the new one is complete."""
    grown, place = staging / "grown", output_dir.absolute()
    if place.is_mount():
        for entry in ("images", "jsons"):  # images first: without annotations they are not yet a corpus
            exchange(grown / entry, place / entry, staging / f"{entry}.old")
    else:
        exchange(grown, place, staging / "old")
