"""Write a split to a hidden folder and move it into place when it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ocr.types import InputError
from ocr.utils.whole_file import exchange, give_back, staged_folder

FOLDERS = ("images", "jsons", "reports")


def check_split(output: Path, split: str, sources: Iterable[Path], *, overwrite: bool) -> None:
    """Refuse to write the split if that would lose data.

    Raises:
        InputError: ``split`` is not a folder name, the split exists and ``overwrite`` is off, or the source images lie
            in it.
    """
    images = check_place(output, output / "images", split, sources)
    annotation = output / "jsons" / f"{split}.json"
    if not overwrite and (annotation.exists() or (images.exists() and any(images.iterdir()))):
        raise there_already(output, split)


def check_place(output: Path, parent: Path, split: str, sources: Iterable[Path]) -> Path:
    """The folder of a split, which must have a valid name and not contain the source images.

    Args:
        output: the user's output, for messages.
        parent: the folder's parent.
        split: name of the folder.
        sources: the source images of the split.

    Raises:
        InputError: ``split`` is not a folder name, or the source images lie in the folder.
    """
    if not split or "/" in split or split.startswith("."):
        raise InputError(f"split={split!r} cannot be the name of a folder in {parent}; use one like 'train'")
    folder = parent / split
    if any(folder.resolve() in source.resolve().parents for source in sources):
        raise InputError(f"output={output}: the images to convert are in {folder}; choose another output= or split=")
    return folder


def there_already(output: Path, split: str) -> InputError:
    """The error for a split that exists."""
    return InputError(f"{output} already has a split {split!r}; choose another split= or give overwrite=true")


@contextmanager
def growing_split(output: Path, split: str) -> Iterator[Path]:
    """A hidden folder in the output to write ``images/``, ``annotation.json`` and ``report.json`` to.

    At the end they become ``images/<split>/``, ``jsons/<split>.json`` and ``reports/<split>.json`` and replace an
    earlier split. An error or an interruption before that leaves everything unchanged.
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
        except BaseException:  # even an interruption must not leave images of one split and annotations of another
            images.rename(staging / "images")
            give_back(staging / "old", images)
            raise
        (staging / "report.json").replace(output / "reports" / f"{split}.json")
