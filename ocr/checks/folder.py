"""List what there is to check in a data folder, split by split."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocr.checks.annotations import read_annotation
from ocr.checks.findings import Finding
from ocr.checks.kinds import Kind
from ocr.checks.words import labels
from ocr.formats.common.base import AnnotationError, composed
from ocr.formats.common.names import check_name, find
from ocr.images.files import start_of
from ocr.images.kinds import is_side_file
from ocr.types import InputError


@dataclass(frozen=True, slots=True)
class Task:
    """One image to check.

    Attributes:
        split: its split.
        name: as in the annotation or the folder, followed by ``#1`` if a later entry has the same name.
        path: where the file should be.
        entry: its JSON in the annotation, ``None`` if it is not annotated.
        repeated: whether a later entry has the same name; readers keep that one.
    """

    split: str
    name: str
    path: Path
    entry: bytes | None
    repeated: bool = False


@dataclass(slots=True)
class Contents:
    """What a data folder holds.

    Attributes:
        splits: their names, sorted.
        findings: flaws of annotation files and stray files.
        tasks: the images of all splits.
    """

    splits: list[str]
    findings: list[Finding] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


def contents_of(root: Path, splits: Sequence[str] | None = None, *, follow_links: bool = False) -> Contents:
    """List what there is to check; reads the annotation files.

    Args:
        root: native data folder.
        splits: those to check; ``None``: all that have images or an annotation.
        follow_links: whether an annotation file may be a link that leads out of the folder.

    Raises:
        InputError: the folder or a split is missing, a split is in tar shards, or the names of two look the same.
    """
    if not root.is_dir():
        raise InputError(f"input={root}: no such folder; a data folder holds images/<split>/ and jsons/<split>.json")
    there = splits_of(root)
    if not there:
        raise InputError(
            f"input={root}: holds neither images/<split>/ nor jsons/<split>.json; "
            "runners/convert.py makes such a folder from other formats"
        )
    unknown = sorted(split for split in splits or () if composed(split) not in there)
    if unknown:
        raise InputError(f"splits={','.join(unknown)}: not in {root}; there are {', '.join(sorted(there.values()))}")
    contents = Contents(sorted(there[composed(split)] for split in splits or there))
    for split in contents.splits:
        add_split(root, split, contents, follow_links=follow_links)
    return contents


def splits_of(root: Path) -> dict[str, str]:
    """The splits' names by their NFC form; a split's image folder may spell it differently."""
    names = [path.stem for path in root.glob("jsons/*.json")]
    names += [path.name for path in root.glob("images/*") if path.is_dir()]
    return {composed(name): name for name in reversed(names)}


def add_split(root: Path, split: str, contents: Contents, *, follow_links: bool) -> None:
    """Add one split's images, annotated or not.

    Raises:
        InputError: they are in tar shards.
    """
    folder, path = find(root, f"images/{split}"), find(root, f"jsons/{split}.json")
    if any(folder.glob("*.tar")):  # training then reads the split from the shards
        raise InputError(
            f"input={root}: {folder} holds tar shards, which are not checked; unpack the images there and check "
            "that folder, or leave the split out with splits="
        )
    names: list[str] = []
    real = Path(os.path.realpath(path))
    if not follow_links and not real.is_relative_to(os.path.realpath(root)):
        contents.findings.append(Finding(Kind.OUTSIDE_LINK, split, value=f"{path.name}: leads to {real}"))
    elif os.path.lexists(path):
        annotation = read_annotation(path, split)
        contents.findings += annotation.findings
        names = [name for name, _ in annotation.entries]
        for (name, entry), label in zip(annotation.entries, labels(names), strict=True):
            contents.tasks.append(Task(split, label, path_of(folder, name), entry, label != name))
    else:
        contents.findings.append(Finding(Kind.NO_ANNOTATION_FILE, split, value=f"{path.name} is missing"))
    annotated = {path_of(folder, name).relative_to(folder).as_posix() for name in names if is_inside(name)}
    files = list(files_below(folder))
    contents.findings += spelling_flaws(split, names, files)
    for name in files:
        if name in annotated:
            continue
        if is_side_file(Path(name).name, start_of(folder / name)):
            contents.findings.append(Finding(Kind.STRAY_FILE, split, name))
        else:
            contents.tasks.append(Task(split, name, folder / name, None))


def files_below(folder: Path) -> Iterator[str]:
    """Paths of all files relative to a folder, sorted; links to folders are not followed."""
    for top, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(top, file).relative_to(folder).as_posix() for file in sorted(files))


def is_inside(name: str) -> bool:
    """Whether `check_name` accepts a name."""
    try:
        check_name(name, "")
    except AnnotationError:
        return False
    return True


def path_of(folder: Path, name: str) -> Path:
    """Path of an annotated image: by its exact name, else by the only one that looks the same."""
    path = folder / name
    if name.isascii() or not is_inside(name) or os.path.lexists(path):
        return path
    try:
        return find(folder, name)
    except AnnotationError:
        return path


def spelling_flaws(split: str, names: Sequence[str], files: Sequence[str]) -> Iterator[Finding]:
    """Names in the annotation and of files that look the same but differ.

    Args:
        split: the split.
        names: names in the annotation.
        files: names of the files.
    """
    spelt: dict[str, tuple[set[str], set[str]]] = {}
    for place, each in enumerate((names, files)):
        for name in each:
            if not name.isascii():
                spelt.setdefault(composed(name), (set(), set()))[place].add(name)
    for annotated, there in spelt.values():
        spellings = " and ".join(map(ascii, sorted(annotated | there)))
        if len(annotated) > 1 or len(there) > 1:
            yield Finding(Kind.NAME_TWINS, split, min(annotated or there), value=spellings)
        elif annotated and there and annotated != there:
            yield Finding(Kind.NAME_FORM, split, min(annotated), value=spellings)
