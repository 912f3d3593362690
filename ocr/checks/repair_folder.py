"""Write a repaired copy of a checked data folder: which images are kept, and under which names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path, PurePosixPath

from ocr.checks.catalogue import LEFT_OUT
from ocr.checks.entry import CheckedEntry
from ocr.checks.kinds import Kind
from ocr.checks.repair import ENCODED_ANEW, Change, Repaired, repair_entry
from ocr.checks.result import CheckResult
from ocr.formats.common.base import composed
from ocr.formats.common.split import growing_split
from ocr.formats.native_writing import write_native
from ocr.images.kinds import ENDINGS, IMAGE_ENDINGS
from ocr.images.orientation import FIRST_SIDEWAYS
from ocr.types import InputError
from ocr.utils.whole_file import whole_file

Work = Callable[
    [Callable[[tuple[CheckedEntry, str]], Repaired], Sequence[tuple[CheckedEntry, str]]], Iterable[Repaired]
]
"""Calls a function for each image, in order, in any process."""


def check_output(output: Path | None, root: Path) -> Path:
    """Check that the output is a new folder.

    Raises:
        InputError: none is given, it exists, or it lies in the data folder.
    """
    if output is None:
        raise InputError("fix=true writes to a new folder: name it with output=")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(f"output={output} exists; name a new folder: files are never repaired in place or overwritten")
    if output.resolve().is_relative_to(root.resolve()):
        raise InputError(f"output={output} lies in input={root}; name a folder elsewhere")
    return output


def repair_folder(result: CheckResult, output: Path, work: Work) -> dict[str, list[Change]]:
    """Write the splits as native data, and every change to ``changes.json``.

    Args:
        result: the checked data folder.
        output: the new folder.
        work: runs the repair of the images.

    Returns:
        The changes, by split. A split without a usable image is not written.

    Raises:
        InputError: no split has a usable image.
    """
    kept = {
        split: list(with_names(e for e in result.entries if e.task.split == split and not why_left_out(e)))
        for split in result.splits
    }
    if not any(kept.values()):
        raise InputError(f"no image can be kept, so nothing is written to {output}; see the report")
    output.mkdir(parents=True, exist_ok=True)
    changes: dict[str, list[Change]] = {}
    for split in result.splits:
        reasons = [(entry.task.name, why_left_out(entry)) for entry in result.entries if entry.task.split == split]
        changes[split] = [Change("image left out", name, value=reason) for name, reason in reasons if reason]
        changes[split] += [
            Change("file left out", f.image or f.split, value=f.kind)
            for f in result.findings
            if f.split == split and (f.kind is Kind.STRAY_FILE or (f.image is None and f.about.unreadable))
        ]
        if kept[split]:
            repair_split(split, kept[split], output, work, changes[split])
    with whole_file(output / "changes.json") as temporary:
        content = {split: [asdict(change) for change in each] for split, each in changes.items()}
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return changes


def repair_split(
    split: str, kept: Sequence[tuple[CheckedEntry, str]], output: Path, work: Work, changes: list[Change]
) -> None:
    """Write one split and append its changes."""
    with growing_split(output, split) as staging:
        folder = staging / "images"
        done = list(work(partial(repair_entry, folder=folder), kept))
        changes += [change for repaired in done for change in repaired.changes]
        other_keys = Counter(key for repaired in done for key in repaired.other_keys)
        changes += [
            Change("key left out", key, value=f"of {count} images") for key, count in sorted(other_keys.items())
        ]
        if not any(not word.ignore for repaired in done for word in repaired.record.words.values()):
            changes.append(Change("split without text", split, value="no word is left that is not ignored"))
        write_native([repaired.record for repaired in done], staging / "annotation.json", folder)
        (staging / "report.json").write_text(json.dumps({"changes": [asdict(change) for change in changes]}, indent=1))


def why_left_out(entry: CheckedEntry) -> str:
    """Why an image cannot be kept; empty if it can."""
    reasons = entry.kinds & LEFT_OUT
    if Kind.SIZE_SWAPPED in entry.kinds and entry.header and entry.header.orientation < FIRST_SIDEWAYS:
        reasons.add(Kind.SIZE_SWAPPED)  # EXIF does not say which way it was turned
    return ", ".join(sorted(reasons))


def with_names(entries: Iterable[CheckedEntry]) -> Iterator[tuple[CheckedEntry, str]]:
    """The images with their new names: extensions match the content, and no two names look the same."""
    taken: set[str] = set()
    for entry in entries:
        path = PurePosixPath(entry.task.name)
        ending = ending_of(entry, path.suffix.lower())
        if ending != path.suffix.lower():
            path = (
                path.with_suffix(ending) if path.suffix.lower() in IMAGE_ENDINGS else path.with_name(path.name + ending)
            )
        number = 1
        name = path.as_posix()
        while composed(name) in taken:
            number += 1
            name = path.with_stem(f"{path.stem}-{number}").as_posix()
        taken.add(composed(name))
        yield entry, name


def ending_of(entry: CheckedEntry, present: str) -> str:
    """The extension of the written image's name."""
    usual = ENDINGS[entry.header.format if entry.header else "PNG"]
    if entry.kinds & ENCODED_ANEW:
        return ".jpg" if ".jpg" in usual else ".png"
    return present if present in usual else usual[0]
