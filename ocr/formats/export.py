"""Foreign data to another foreign format: cleaned as for the native layout, then written by that format's writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ocr.formats.base import ForeignData
from ocr.formats.conversion_report import Report
from ocr.formats.convert import Frame, convert
from ocr.formats.native import read_native
from ocr.formats.split import check_place, there_already
from ocr.types import InputError, Record
from ocr.utils.whole_file import exchange, staged_folder

Writer = Callable[[Sequence[Record], Path, str], list[str]]
"""Records, output folder, split -> what the format cannot hold; all is written to ``<output>/<split>/``."""


def export(
    data: ForeignData,
    output: Path,
    split: str,
    *,
    writer: Writer,
    frame: Frame = "upright",
    overwrite: bool = False,
    progress: Callable[[Sequence[Record]], Iterable[Record]] = iter,
) -> Report:
    """Write ``<output>/<split>/`` in another format and ``<output>/<split>.report.json``, all of it or nothing.

    Args:
        data: what a reader gave, polygons as they are.
        output: folder of data sets.
        split: name of the split's folder.
        writer: ``write_<format>``.
        frame: as for `convert`.
        overwrite: replace the split where an export wrote it; it stays as it is until the new one is complete.
        progress: gives back the records it gets, to show how far the work is.

    Raises:
        InputError: the split cannot be written (`check_folder`), or `convert` raises it.
        AnnotationError: two images have the same name, or the format cannot hold an image's name.
    """
    folder = output / split
    check_folder(output, split, [record.image_path for record in data.records], overwrite=overwrite)
    with growing_folder(folder) as staging:
        native = staging / "native"
        report = convert(data, native, split, frame=frame, progress=progress)
        records = read_native(native / "jsons" / f"{split}.json", native / "images" / split)
        report.lost = writer(records, staging / "written", split)
        report.write(staging / "report.json")
    return report


def report_of(folder: Path) -> Path:
    """The report of an export, beside its folder."""
    return folder.with_name(f"{folder.name}.report.json")


def check_folder(output: Path, split: str, sources: Iterable[Path], *, overwrite: bool) -> None:
    """Stop where writing the split would lose something.

    Raises:
        InputError: ``split`` names no folder in the output; the folder exists and ``overwrite`` is off, or no export
            wrote it; or the source images lie in it.
    """
    folder = check_place(output, output, split, sources)
    if not folder.exists():
        return
    if not report_of(folder).is_file():
        raise InputError(f"{folder} exists and is no export of this converter; choose another output= or split=")
    if not overwrite:
        raise there_already(output, split)


@contextmanager
def growing_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder beside the folder to write ``written/<its name>/`` and ``report.json`` into.

    They become the folder and its report at the end, and what stood there before is removed. An error or an
    interruption until then leaves everything as it was.
    """
    with staged_folder(folder) as staging:
        yield staging
        move_into_place(staging, folder)


def move_into_place(staging: Path, folder: Path) -> None:
    """Exchange the folder for the one that has grown."""
    exchange(staging / "written" / folder.name, folder, staging / "old")
    (staging / "report.json").replace(report_of(folder))
