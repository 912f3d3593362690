"""Sharded prediction: each shard takes every n-th image and writes one file; merging combines the files."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from ocr.formats.common.base import AnnotationError, composed
from ocr.formats.common.names import check_spelling, in_order
from ocr.formats.common.writing import write_json, write_whole
from ocr.formats.native import mapped, read_entry
from ocr.formats.page_facts import TABLES, table_path
from ocr.types import InputError
from ocr.utils.csv_text import csv_rows, csv_text
from ocr.utils.digest import file_sha256
from ocr.utils.printable import plural, say
from ocr.utils.regular import NotReadableError, read_regular
from ocr.utils.whole_file import new_file

Item = TypeVar("Item")
PARTS = "predictions-*-of-*.json"
"""Glob of the shards' files."""
MOST = 100_000
"""Maximum number of shards."""
NAMED = 20
"""Maximum number of missing shards that a message names."""
MAX_CSV = 1 << 31
"""Maximum size of a shard's CSV file in bytes."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal shares of the images.

    Attributes:
        number: number of the shard, from 1.
        count: total number of shards.
    """

    number: int
    count: int

    @classmethod
    def of(cls, text: str | None, environment: Mapping[str, str]) -> Shard | None:
        """Parse ``2/8``; ``auto`` takes this process's rank from torchrun or SLURM.

        Args:
            text: the setting; ``None`` for all images.
            environment: the environment variables.

        Raises:
            InputError: the text is invalid, or ``auto`` is given without torchrun or SLURM.
        """
        if text is None:
            return None
        if text == "auto":
            for rank, size in (("RANK", "WORLD_SIZE"), ("SLURM_PROCID", "SLURM_NTASKS")):
                if rank in environment and size in environment:
                    place = environment[rank]
                    return cls.read(f"{int(place) + 1 if place.isdecimal() else place}/{environment[size]}")
            raise InputError(
                "shard=auto: neither RANK and WORLD_SIZE (torchrun) nor SLURM_PROCID and SLURM_NTASKS (srun) are set; "
                "give shard=2/8, the second of eight parts"
            )
        return cls.read(str(text))

    @classmethod
    def read(cls, text: str) -> Shard:
        """Parse ``2/8``.

        Raises:
            InputError: the text is invalid.
        """
        match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]) <= MOST:
            raise InputError(
                f"shard={text[:50]}: must be number/count with 1 <= number <= count <= {MOST}, such as 2/8, or auto"
            )
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """``2/8``."""
        return f"{self.number}/{self.count}"

    def stamp(self, names: Sequence[str], model: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The stamp that the shard's file carries; shards of one prediction differ only in ``number``.

        Args:
            names: all images, including those of the other shards.
            model: the model file.
            settings: all other settings that affect the results, JSON-serialisable.
        """
        looks = [composed(name) for name in names]
        about = {"names": looks, "model": file_sha256(model) if model.is_file() else None, **settings}
        digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
        return {"number": self.number, "count": self.count, "settings": digest}

    def path(self, folder: Path) -> Path:
        """Path of the shard's predictions: ``predictions-002-of-008.json``."""
        return folder / f"predictions-{self.number:03d}-of-{self.count:03d}.json"

    def take(self, items: Mapping[str, Item]) -> dict[str, Item]:
        """This shard's share of a sorted list: every ``count``-th item, so that shares sorted by size are alike."""
        return {name: items[name] for name in list(items)[self.number - 1 :: self.count]}


Place = Annotated[int, msgspec.Meta(ge=1, le=MOST)]


class Stamp(msgspec.Struct):
    """What the shards of one prediction have in common, and the number of this one."""

    number: Place
    count: Place
    settings: Annotated[str, msgspec.Meta(max_length=64)]


class Part(msgspec.Struct):
    """The file of a shard, with its images as raw JSON."""

    images: dict[str, msgspec.Raw]
    shard: Stamp


def merge_folder(folder: Path, *, submission: bool, overwrite: bool) -> None:
    """Merge the shards of a folder into its ``predictions.json``, and print how many images there are.

    Args:
        folder: folder of the shards.
        submission: also merge the CSV files.
        overwrite: replace an earlier file.

    Raises:
        InputError: as `merge_shards`, or there is a file and ``overwrite`` is off.
    """
    written = new_file(folder / "predictions.json", overwrite=overwrite)
    say(f"{plural(merge_shards(folder, written, submission=submission), 'image')}: {written}")


def merge_shards(folder: Path, path: Path, *, submission: bool) -> int:
    """Merge the shards into the file that an unsharded prediction would write, byte for byte.

    Args:
        folder: folder of the shards.
        path: the file to write.
        submission: also merge the CSV files.

    Returns:
        Number of images.

    Raises:
        InputError: a shard is missing, was made with other settings, or cannot be read.
    """
    parts = {file: read_part(file) for file in sorted(folder.glob(PARTS))}
    check_complete(folder, parts.values())
    first, *others = parts
    for file in others:
        if parts[file].shard.settings != parts[first].shard.settings:
            raise InputError(
                f"{file} and {first} were not made from the same images with the same model and settings; "
                "rerun one of them with overwrite=true"
            )
    images: dict[str, msgspec.Raw] = {}
    for file, part in parts.items():
        twice = images.keys() & part.images.keys()
        if twice:
            raise InputError(f"{file}: image {min(twice)!r} is in another shard too; rerun both shards")
        images |= part.images
    check_spelling(images, str(folder))
    merged = {name: images[name] for name in sorted(images, key=in_order)}
    tables = merged_tables(list(parts), path) if submission else {}
    write_json({"images": merged}, path)
    for table, rows in tables.items():
        write_whole(rows, table)
    return len(merged)


def read_part(path: Path) -> Part:
    """Read the file of one shard.

    Raises:
        AnnotationError: the file cannot be read.
    """
    try:
        part = msgspec.json.decode(mapped(path), type=Part)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AnnotationError(f"{path}: is not a shard of a prediction ({error}); rerun the shard") from error
    expected = Shard(part.shard.number, part.shard.count).path(path.parent).name
    if path.name != expected:
        raise AnnotationError(f"{path}: according to its content it is {expected}; rename or remove it")
    for name, raw in part.images.items():  # find unreadable entries now, while their file is known
        read_entry(name, raw, f"{path}: image {name!r}", path.parent, strict=False)
    return part


def check_complete(folder: Path, parts: Iterable[Part]) -> None:
    """Check that the folder has all shards of one prediction.

    Raises:
        InputError: there are none, one is missing, or there are shards of different predictions.
    """
    found = [part.shard for part in parts]
    counts = sorted({stamp.count for stamp in found})
    if not found:
        raise InputError(f"{folder}: no {PARTS} found; run predict.py or read.py with shard=1/8 to shard=8/8 first")
    if len(counts) > 1:
        raise InputError(f"{folder}: has shards of {' and of '.join(map(str, counts))}; remove those of one prediction")
    missing = sorted(set(range(1, counts[0] + 1)) - {stamp.number for stamp in found})
    if missing:
        names = " ".join(f"shard={Shard(number, counts[0])}" for number in missing[:NAMED])
        names += f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise InputError(
            f"{folder}: {len(missing)} of {counts[0]} shards missing; run the same command again with {names}"
        )


def merged_tables(parts: Sequence[Path], path: Path) -> dict[Path, bytes]:
    """The merged CSV files by their paths; those of facts if any shard has them."""
    facts = [name for name in TABLES if any(table_path(part, name).is_file() for part in parts)]
    return {
        table_path(path, name): merged_rows(table_path(part, name) for part in parts)
        for name in ("predictions", *facts)
    }


def merged_rows(paths: Iterable[Path]) -> bytes:
    """Merge the rows of the CSV files in image order, under one header.

    Raises:
        InputError: a shard has no CSV file.
    """
    header: list[str] = []
    rows: list[list[str]] = []
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: is missing; rerun its shard with its CSV file and overwrite=true")
        try:
            header, *lines = csv_rows(read_regular(path, MAX_CSV).decode())
        except (NotReadableError, ValueError, csv.Error) as error:
            raise InputError(f"{path}: cannot be read ({error}); rerun its shard") from error
        rows += [line for line in lines if line]
    return csv_text([header, *sorted(rows, key=lambda row: in_order(row[0]))]).encode()
