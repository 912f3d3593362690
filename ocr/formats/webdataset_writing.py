"""Tar shards of a split, in the layout of WebDataset, for training from: see `ocr.formats.webdataset`."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ocr.formats.base import AnnotationError
from ocr.formats.native_writing import image_entry
from ocr.formats.webdataset import key_of
from ocr.types import Record
from ocr.utils.regular import NotReadableError, read_regular
from ocr.utils.whole_file import whole_file

IMAGES_PER_SHARD = 1000
MAX_IMAGE = 1 << 31


def write_webdataset(
    records: Sequence[Record], output: Path, split: str, images_per_shard: int = IMAGES_PER_SHARD
) -> list[str]:
    """Write images and annotations as ``output/<split>/<split>-000000.tar`` and so on.

    A training reads what lies in ``<data.root>/images/<split>/``: give that ``images`` folder as output. The same
    records give the same bytes. Each shard is whole or not there.

    Args:
        records: one an image, with its size; an image is called there as its file is, without folders.
        output: folder of all splits, ``images`` in the data folder.
        split: name of this one.
        images_per_shard: images of each shard but the last.

    Returns:
        What the format cannot hold: nothing, polygons are those that the native format has.

    Raises:
        AnnotationError: the split has shards, two images have the same key, an image cannot be read, or a record is
            not what the native format holds.
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
    """Stop where two images would be one sample."""
    owners: dict[str, Path] = {}
    for record in records:
        key = key_of(record.name)
        other = owners.setdefault(key, record.image_path)
        if record.name.startswith(".") or other is not record.image_path:
            raise AnnotationError(
                f"{record.image_path}: its key in a shard, the name up to the first dot, is {key!r}, as of {other}; "
                "rename one of them"
            )


def add_record(archive: tarfile.TarFile, record: Record, where: str) -> None:
    """Append an image and its entry."""
    try:
        image = read_regular(record.image_path, MAX_IMAGE)
    except NotReadableError as error:
        raise AnnotationError(f"{record.image_path}: cannot be read: {error}") from error
    entry = msgspec.json.encode(image_entry(record, where))
    for name, content in ((record.name, image), (Path(record.name).with_suffix(".json").name, entry)):
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
