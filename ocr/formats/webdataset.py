"""Images in tar shards in WebDataset's layout: ``images/<split>/*.tar`` with ``key.jpg`` and ``key.json``.

A sample is a run of consecutive files with the same key: the path up to the first dot of the file name. The JSON file
holds the image's entry in the native format, and may be missing if ``jsons/<split>.json`` has all entries.
"""

from __future__ import annotations

import io
import mmap
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath

import msgspec

from ocr.formats.common.base import AnnotationError, composed
from ocr.formats.common.reading import content_of
from ocr.formats.common.tar_members import Member, tar_members
from ocr.formats.native_writing import image_entry
from ocr.images.kinds import START, is_side_file, says_enough
from ocr.types import Record
from ocr.utils.whole_file import whole_file

MAX_ENTRY = 1 << 26
"""Limit of an image's entry: 64 MiB, some hundred thousand words."""
IMAGES_PER_SHARD = 1000
MAX_IMAGE = 1 << 31


@dataclass(frozen=True, slots=True)
class ShardImage:
    """An image of a shard.

    Attributes:
        image: the image's file, whose name is its path in the split.
        entry: its annotation, or ``None`` if the shard has none.
    """

    image: Member
    entry: Member | None


def key_of(name: str) -> str:
    """A member's key, independent of spelling: that of ``a/b.seg.png`` is ``a/b``."""
    path = PurePosixPath(composed(name))
    return str(path.parent / path.name.split(".", 1)[0])


def is_beside(content: mmap.mmap | bytes, member: Member) -> bool:
    """Whether a member is not intended as an image."""
    name = PurePosixPath(member.name).name
    start = None if says_enough(name) else content[member.offset : member.offset + min(member.size, START)]
    return is_side_file(name, start)


def shard_images(content: mmap.mmap | bytes, where: str) -> Iterator[ShardImage]:
    """The images of a shard, in order; files that are neither images nor JSON are skipped.

    Args:
        content: as for `tar_members`.
        where: the shard's name, for messages.

    Raises:
        AnnotationError: as for `tar_members`, or a key has an annotation without an image, several of either, or an
            annotation that is too large.
    """
    for key, group in groupby(tar_members(content, where), lambda member: key_of(member.name)):
        members = list(group)
        entries = [member for member in members if PurePosixPath(member.name).suffix.lower() == ".json"]
        images = [member for member in members if member not in entries and not is_beside(content, member)]
        if not images and not entries:
            continue
        if len(images) != 1 or len(entries) > 1:
            names = ", ".join(member.name for member in [*images, *entries][:5])
            raise AnnotationError(
                f"{where}: key {key!r} has {len(images)} images and {len(entries)} JSON files ({names}); "
                "a key is the name up to its first dot: give it one image and at most one JSON file"
            )
        entry = entries[0] if entries else None
        if entry is not None and entry.size > MAX_ENTRY:
            raise AnnotationError(f"{where}: {entry.name!r} has {entry.size} bytes, more than {MAX_ENTRY}; shorten it")
        yield ShardImage(images[0], entry)


def write_webdataset(
    records: Sequence[Record], output: Path, split: str, images_per_shard: int = IMAGES_PER_SHARD
) -> list[str]:
    """Write images and annotations as ``output/<split>/<split>-000000.tar`` and so on.

    Training reads ``<data.root>/images/<split>/``: give that ``images`` folder as output. The bytes depend on the
    records only. Each shard is written atomically.

    Args:
        records: one per image, with its size; images keep their file names, without folders.
        output: folder of all splits, ``images`` in the data folder.
        split: name of this split.
        images_per_shard: number of images in each shard but the last.

    Returns:
        What the format cannot hold: nothing, as it uses the native format.

    Raises:
        AnnotationError: the split exists, two images have the same key, an image cannot be read, or the native format
            cannot hold a record.
    """
    folder = output / split
    if folder.exists() and any(folder.iterdir()):
        raise AnnotationError(f"{folder}: is not empty; remove it or choose another split or output")
    check_keys(records)
    for start in range(0, len(records), images_per_shard):
        shard = folder / f"{split}-{start // images_per_shard:06d}.tar"
        with whole_file(shard) as temporary, tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT) as archive:
            for record in records[start : start + images_per_shard]:
                add_record(archive, record, f"{shard}: image {record.name!r}")
    return []


def check_keys(records: Sequence[Record]) -> None:
    """Refuse images of which two would be one sample."""
    owners: dict[str, Path] = {}
    for record in records:
        key = key_of(record.name)
        other = owners.setdefault(key, record.image_path)
        if record.name.startswith(".") or other is not record.image_path:
            raise AnnotationError(
                f"{record.image_path}: its key in a shard, the name up to the first dot, is {key!r}, as for {other}; "
                "rename one of them"
            )


def add_record(archive: tarfile.TarFile, record: Record, where: str) -> None:
    """Append an image and its entry."""
    image = content_of(record.image_path, MAX_IMAGE)
    entry = msgspec.json.encode(image_entry(record, where))
    for name, content in ((record.name, image), (Path(record.name).with_suffix(".json").name, entry)):
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
