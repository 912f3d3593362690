"""Images in tar shards, in the layout of WebDataset: ``images/<split>/*.tar`` with ``key.jpg`` and ``key.json``.

A sample is what lies one behind the other under one key: the path up to the first dot of the file's name. The JSON file
holds the image's entry of the native format, and may be left out where ``jsons/<split>.json`` has them all.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from ocr.formats.base import AnnotationError, composed
from ocr.formats.tar_members import Member, tar_members
from ocr.images.kinds import START, is_side_file, says_enough

MAX_ENTRY = 1 << 26
"""Bytes of an image's entry: 64 MiB, some hundred thousand words."""


@dataclass(frozen=True, slots=True)
class ShardImage:
    """An image of a shard.

    Attributes:
        image: the image's file, its name being its path in the split.
        entry: its annotation, or ``None`` where it has none there.
    """

    image: Member
    entry: Member | None


def key_of(name: str) -> str:
    """A member's key, however its name is spelt: ``a/b.seg.png`` has ``a/b``."""
    path = PurePosixPath(composed(name))
    return str(path.parent / path.name.split(".", 1)[0])


def is_beside(content: mmap.mmap | bytes, member: Member) -> bool:
    """Whether a member was not meant as an image."""
    name = PurePosixPath(member.name).name
    start = None if says_enough(name) else content[member.offset : member.offset + min(member.size, START)]
    return is_side_file(name, start)


def shard_images(content: mmap.mmap | bytes, where: str) -> Iterator[ShardImage]:
    """The images of a shard in their order; files that were meant neither as an image nor as JSON are passed over.

    Args:
        content: as `tar_members`.
        where: the shard's name, for messages.

    Raises:
        AnnotationError: as `tar_members`, or a key has an annotation and no image, several of either, or an annotation
            that is too large.
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
