"""A split on disk: it grows hidden and takes its place when it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ocr.types import InputError
from ocr.utils.whole_file import exchange, give_back, staged_folder

FOLDERS = ("images", "jsons", "reports")


def check_split(output: Path, split: str, sources: Iterable[Path], *, overwrite: bool) -> None:
    """Stop where writing the split would lose something.

    Raises:
        InputError: ``split`` names no folder in ``images/``, the split exists and ``overwrite`` is off, or the source
            images lie in it.
    """
    images = check_place(output, output / "images", split, sources)
    annotation = output / "jsons" / f"{split}.json"
    if not overwrite and (annotation.exists() or (images.exists() and any(images.iterdir()))):
        raise there_already(output, split)


def check_place(output: Path, parent: Path, split: str, sources: Iterable[Path]) -> Path:
    """The folder of a split, where it has a name and the images that it is made of lie elsewhere.

    Args:
        output: what the user named, for messages.
        parent: where the folder is to be.
        split: name of the folder.
        sources: the images that the split is made of.

    Raises:
        InputError: ``split`` names no folder in ``parent``, or the source images lie in it.
    """
    if not split or "/" in split or split.startswith("."):
        raise InputError(f"split={split!r} cannot be the name of a folder in {parent}; use one like 'train'")
    folder = parent / split
    if any(folder.resolve() in source.resolve().parents for source in sources):
        raise InputError(f"output={output}: the images to convert are in {folder}; choose another output= or split=")
    return folder


def there_already(output: Path, split: str) -> InputError:
    """What to tell where a split is not to be written over."""
    return InputError(f"{output} has a split {split!r}; choose another split= or give overwrite=true")


@contextmanager
def growing_split(output: Path, split: str) -> Iterator[Path]:
    """A hidden folder in the output to write ``images/``, ``annotation.json`` and ``report.json`` into.

    They become ``images/<split>/``, ``jsons/<split>.json`` and ``reports/<split>.json`` at the end, and what stood
    there before is removed. An error or an interruption until then leaves everything as it was.
    """
    images = output / "images" / split
    with staged_folder(images, output) as staging:
        (staging / "images").mkdir()
        yield staging
        for folder in FOLDERS:
            (output / folder).mkdir(exist_ok=True)
        exchange(staging / "images", images, staging / "old")
        try:
            (staging / "annotation.json").replace(output / "jsons" / f"{split}.json")
        except BaseException:  # an interruption too must not leave images of one split and the annotation of another
            images.rename(staging / "images")
            give_back(staging / "old", images)
            raise
        (staging / "report.json").replace(output / "reports" / f"{split}.json")
