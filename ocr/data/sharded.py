"""Read the records of tar shards, annotated in the shards or in the split's own file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocr.data.files import Files
from ocr.data.source import ShardedImages
from ocr.formats.common.base import AnnotationError, composed
from ocr.formats.common.names import among
from ocr.formats.common.tar_members import Member
from ocr.formats.native import OnError, raw_entries, read_entry, stream_native
from ocr.formats.webdataset import shard_images
from ocr.types import Record


@dataclass(frozen=True, slots=True)
class Found:
    """An image of a shard: the shard's number, the image's place in it, and its annotation if the shard has one."""

    shard: int
    image: Member
    entry: bytes | None


def found_images(files: Files, shards: list[str]) -> Iterator[Found]:
    """All images in the order of the shards.

    Raises:
        InputError: a shard cannot be read, or two images have the same name.
    """
    owners: dict[str, str] = {}
    for number, shard in enumerate(shards):
        content = files.mapped(shard)
        for found in shard_images(content, f"{files.root}/{shard}"):
            name, entry = composed(found.image.name), found.entry
            if name in owners:
                raise AnnotationError(f"{files.root}/{shard}: image {name!r} is also in {owners[name]}; remove one")
            owners[name] = shard
            raw = None if entry is None else content[entry.offset : entry.offset + entry.size]
            yield Found(number, found.image, raw)


def annotated_inside(images: ShardedImages, on_error: OnError | None) -> Iterator[Record]:
    """The records of shards that hold the annotations; the images' places are added to ``images``.

    Raises:
        AnnotationError: an annotation is missing or wrong.
    """
    for found in found_images(images.files, images.shards):
        shard = f"{images.files.root}/{images.shards[found.shard]}"
        where = f"{shard}: image {found.image.name!r}"
        try:
            if found.entry is None:
                raise AnnotationError(f"{where}: has no JSON file beside it, and the split has none in jsons/; add one")
            record = read_entry(found.image.name, found.entry, where, Path(shard))
        except AnnotationError as error:
            if on_error is None:
                raise
            on_error(error)
            continue
        images.add(found.shard, found.image)
        yield record


def annotated_apart(
    images: ShardedImages, annotation: str, images_dir: Path, on_error: OnError | None
) -> Iterator[Record]:
    """The records of a split's own file; the images' places are added to ``images``.

    Args:
        images: the shards.
        annotation: the file's path in the data folder.
        images_dir: folder that the records' paths begin with.
        on_error: as for `read_native`.

    Raises:
        AnnotationError: an annotation is wrong, or an image is in no shard.
    """
    places = {found.image.name: (found.shard, found.image) for found in found_images(images.files, images.shards)}
    path = Path(images.files.root) / annotation
    entries = raw_entries(images.files.mapped(annotation), path)

    def name_of(image_path: Path) -> str:
        return image_path.relative_to(images_dir).as_posix()

    def is_there(image_path: Path) -> bool:
        return name_of(image_path) in places

    found = among(places)
    for record in stream_native(entries, path, images_dir, is_there=is_there, find=found, on_error=on_error):
        images.add(*places[name_of(record.image_path)])
        yield record
