"""Read a split of stored receipts: annotations are checked and packed one by one, images stay where they are.

Images are single files or tar shards in ``images/<split>/``; the data folder is on this machine or at an address that
fsspec knows. Records, their order and the samples are the same in each case.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from ocr.data.files import Files, is_remote
from ocr.data.packed import PackedRecords
from ocr.data.regions import Granularity, with_regions
from ocr.data.sharded import annotated_apart, annotated_inside
from ocr.data.source import RemoteImages, ShardedImages, StoredReceipts
from ocr.data.truth import TruthCounts
from ocr.formats.common.base import AnnotationError
from ocr.formats.common.names import among, find
from ocr.formats.common.reading import quoted
from ocr.formats.native import OnError, mapped, raw_entries, stream_native
from ocr.types import InputError, Record

IsThere = Callable[[Path], bool]
Pack = Callable[[Iterable[Record]], PackedRecords]
"""Packs the records, with their regions."""


class InsideFolder:
    """Checks whether a file exists, and refuses links that lead out of the data folder.

    The folder itself may be a link, as the user named it.

    Args:
        root: the data folder.
        follow_links: accept links to anywhere, which DVC needs with ``cache.type symlink``.
    """

    def __init__(self, root: Path, *, follow_links: bool = False) -> None:
        self.root = root
        self.follow_links = follow_links
        self._real_root = Path(os.path.realpath(root))
        self._real_folders: dict[Path, Path] = {}

    def __call__(self, path: Path) -> bool:
        """Whether the file exists.

        Raises:
            AnnotationError: it is outside the folder, or cannot be checked.
        """
        try:
            return self._is_inside(path)
        except OSError as error:  # a path that is too long, a folder that may not be entered
            raise AnnotationError(
                f"{quoted(str(path))}: cannot be accessed ({error.strerror}); check its name and the permissions of "
                "its folder, or remove its entry"
            ) from error

    def _is_inside(self, path: Path) -> bool:
        """Whether the file exists; raises `OSError` if the path cannot be accessed."""
        if not self.follow_links:
            real = Path(os.path.realpath(path)) if path.is_symlink() else self._real_folder(path) / path.name
            if not real.is_relative_to(self._real_root):
                raise AnnotationError(
                    f"{path}: a link leads out of data.root={self.root}, to {real}; copy the file there, or give "
                    "data.follow_links=true if links are intended (DVC makes some with cache.type symlink)"
                )
        return path.is_file()

    def _real_folder(self, path: Path) -> Path:
        """The resolved parent folder, cached, as many images share a folder."""
        if path.parent not in self._real_folders:
            self._real_folders[path.parent] = Path(os.path.realpath(path.parent))
        return self._real_folders[path.parent]


def read_split(
    root: str, split: str, granularity: Granularity, *, is_there: IsThere, on_error: OnError | None = None
) -> StoredReceipts:
    """Read and check a split's annotations.

    Args:
        root: the data folder, a path or an address.
        split: name of the split.
        granularity: the regions that the records' words become.
        is_there: whether a file on this machine exists and may be read.
        on_error: called with the error of an image, which is left out; ``None``: the error is raised.

    Raises:
        InputError: the split is missing, has no image or no text, an annotation is wrong or does not support
            ``granularity``.
    """
    counts = TruthCounts()

    def pack(records: Iterable[Record]) -> PackedRecords:
        return PackedRecords(counts.counted(with_regions(record, granularity) for record in records))

    if is_remote(root):
        receipts = remote_split(root, split, pack, on_error)
    elif shards := shards_of(root, split, is_there):
        names = [place.relative_to(root).as_posix() for place in places_of(root, split)]
        receipts = sharded_split(Files(root), names[0], names[1], shards, pack, on_error)
    else:
        folder, annotation = places_of(root, split)
        if not is_there(annotation):
            raise no_split(annotation, root)
        entries = raw_entries(mapped(annotation), annotation)
        records = stream_native(entries, annotation, folder, is_there=is_there, find=find, on_error=on_error)
        receipts = StoredReceipts(pack(records))
    counts.check(root, split)
    return receipts


def has_split(root: str, split: str, *, is_there: IsThere) -> bool:
    """Whether `read_split` with the same arguments would find a split."""
    if is_remote(root):
        files = Files(root)
        return files.exists(f"jsons/{split}.json") or bool(shards_among(files.names(f"images/{split}")))
    return bool(shards_of(root, split, is_there)) or is_there(places_of(root, split)[1])


def places_of(root: str, split: str) -> tuple[Path, Path]:
    """A split's folder of images and its annotation file on this machine, in whatever spelling."""
    return find(Path(root), f"images/{split}"), find(Path(root), f"jsons/{split}.json")


def shards_of(root: str, split: str, is_there: IsThere) -> list[str]:
    """Names of a split's tar shards on this machine, in order."""
    return [path.name for path in sorted(places_of(root, split)[0].glob("*.tar")) if is_there(path)]


def shards_among(names: Iterable[str]) -> list[str]:
    """The tar shards among the files of a remote split, in order."""
    return sorted(name for name in names if name.endswith(".tar"))


def no_split(annotation: Path, root: str) -> InputError:
    """The error for a split that the data folder does not have."""
    others = ", ".join(sorted(path.stem for path in annotation.parent.glob("*.json")))
    advice = (
        f"available splits: {others}"
        if others
        else "run `make data` for the default data set, runners/convert.py for your own, or change data.root"
    )
    return InputError(f"{annotation}: no such split in data.root={root}; {advice}")


def remote_split(root: str, split: str, pack: Pack, on_error: OnError | None) -> StoredReceipts:
    """Read a remote split; missing images are detected if the file system can list its files."""
    files, folder, annotation = Files(root), f"images/{split}", f"jsons/{split}.json"
    names = files.names(folder)
    shards = shards_among(names)
    if shards:
        return sharded_split(files, folder, annotation, shards, pack, on_error)
    if not files.exists(annotation):
        raise InputError(f"{root}/{annotation}: no such split in data.root={root}; check the address and the split")
    images_dir = Path(root) / folder
    there = frozenset(names)
    is_there = None if files.web else lambda path: path.relative_to(images_dir).as_posix() in there
    entries = raw_entries(files.mapped(annotation), Path(root) / annotation)
    records = stream_native(
        entries, Path(root) / annotation, images_dir, is_there=is_there, find=among(names), on_error=on_error
    )
    return StoredReceipts(pack(records), RemoteImages(files, folder, images_dir))


def sharded_split(
    files: Files, folder: str, annotation: str, shards: list[str], pack: Pack, on_error: OnError | None
) -> StoredReceipts:
    """Read a split in tar shards, annotated in ``jsons/<split>.json`` or, without that file, in the shards."""
    images = ShardedImages(files, [f"{folder}/{shard}" for shard in shards])
    if files.exists(annotation):
        records = annotated_apart(images, annotation, Path(files.root) / folder, on_error)
    else:
        records = annotated_inside(images, on_error)
    return StoredReceipts(pack(records), images)
