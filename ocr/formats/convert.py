"""Convert whole data sets to the native layout, cleaned, or through it to another format; losses are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import get_args

from ocr.formats.common.base import ForeignData, composed
from ocr.formats.common.cleaning import Frame, convert_images
from ocr.formats.common.conversion_report import Report
from ocr.formats.common.names import own_names
from ocr.formats.common.split import check_place, check_split, growing_split, there_already
from ocr.formats.native import read_native
from ocr.formats.native_writing import write_native
from ocr.types import InputError, Record
from ocr.utils.whole_file import exchange, staged_folder

Writer = Callable[[Sequence[Record], Path, str], list[str]]
"""(records, output folder, split) -> what the format cannot hold; everything is written to ``<output>/<split>/``."""


def select(data: ForeignData, include: str = "*", exclude: str | None = None) -> ForeignData:
    """The images whose stem matches ``include`` and not ``exclude``, with left-out images and faults filtered likewise.

    Faults that belong to no image are kept.

    Raises:
        InputError: no image is selected.
    """

    def chosen(path: Path) -> bool:
        stem = composed(path.stem)
        wanted = fnmatchcase(stem, composed(include))
        return wanted and not (exclude is not None and fnmatchcase(stem, composed(exclude)))

    records = [record for record in data.records if chosen(record.image_path)]
    if not data.records:
        reasons = [f"{path} {why}" for path, why in data.left_out.items()]
        reasons += [fault for faults in data.faults.values() for fault in faults]
        listed = "; ".join(reasons[:3])
        raise InputError(f"no annotated image was found, {len(data.left_out)} are left out: {listed or 'none'}")
    if not records:
        stems = ", ".join(record.image_path.stem for record in data.records[:3])
        raise InputError(f"include={include!r} exclude={exclude!r} match no annotated image; the stems are {stems}")
    images = {record.image_path for record in data.records} | data.left_out.keys()
    return ForeignData(
        records,
        {path: why for path, why in data.left_out.items() if chosen(path)},
        {path: faults for path, faults in data.faults.items() if path not in images or chosen(path)},
        data.frames,
        joined=data.joined,
    )


def convert(
    data: ForeignData,
    output: Path,
    split: str,
    *,
    frame: Frame = "upright",
    overwrite: bool = False,
    progress: Callable[[Sequence[Record]], Iterable[Record]] = iter,
) -> Report:
    """Write a split: ``images/<split>/``, ``jsons/<split>.json`` and ``reports/<split>.json``, all or nothing.

    Args:
        data: a reader's result, polygons unchanged.
        output: data folder.
        split: name of the split.
        frame: ``upright`` if the polygons are in pixels of the image as a viewer shows it, ``raw`` if they are in
            stored pixels, before the EXIF orientation is applied.
        overwrite: replace the split if it exists; it stays unchanged until the new one is complete.
        progress: yields the records it gets, to show progress.

    Raises:
        InputError: ``frame`` is neither, the split cannot be written (`check_split`), or no image can be converted.
        AnnotationError: an image is annotated twice, or two images of the same name cannot be renamed.
    """
    if frame not in get_args(Frame):
        raise InputError(f"frame={frame!r} is unknown; use 'upright' or 'raw'")
    check_split(output, split, [record.image_path for record in data.records], overwrite=overwrite)
    names = own_names([record.image_path for record in data.records])
    report = Report(
        renamed=[f"{path} is {name}" for path, name in names.items() if name != path.name],
        left_out=[f"{path} {why}" for path, why in data.left_out.items()],
        faults=[fault for faults in data.faults.values() for fault in faults],
        around_words=list(data.frames),
        joined=list(map(str, data.joined)) if len(data.joined) > 1 else [],
    )
    with growing_split(output, split) as staging:
        written = convert_images(progress(data.records), names, staging / "images", frame, report)
        if not written:
            raise InputError(
                f"no image can be converted, so no split {split!r} is written to {output}:", *report.lines()
            )
        report.images = len(written)
        report.words = sum(len(record.words) for record in written)
        report.regions = sum(not word.ignore for record in written for word in record.words.values())
        write_native(written, staging / "annotation.json", staging / "images")
        report.write(staging / "report.json")
    return report


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
    """Write ``<output>/<split>/`` in another format and ``<output>/<split>.report.json``, all or nothing.

    Args:
        data: a reader's result, polygons unchanged.
        output: folder of data sets.
        split: name of the split's folder.
        writer: ``write_<format>``.
        frame: as for `convert`.
        overwrite: replace the split if an export wrote it; it stays unchanged until the new one is complete.
        progress: yields the records it gets, to show progress.

    Raises:
        InputError: the split cannot be written (`check_folder`), or `convert` raises it.
        AnnotationError: two images have the same name, or the format cannot hold an image's name.
    """
    folder = output / split
    check_folder(output, split, [record.image_path for record in data.records], overwrite=overwrite)
    with staged_folder(folder) as staging:
        native = staging / "native"
        report = convert(data, native, split, frame=frame, progress=progress)
        records = read_native(native / "jsons" / f"{split}.json", native / "images" / split)
        report.lost = writer(records, staging / "written", split)
        report.write(staging / "report.json")
        exchange(staging / "written" / split, folder, staging / "old")
        (staging / "report.json").replace(report_of(folder))
    return report


def report_of(folder: Path) -> Path:
    """The report of an export, beside its folder."""
    return folder.with_name(f"{folder.name}.report.json")


def check_folder(output: Path, split: str, sources: Iterable[Path], *, overwrite: bool) -> None:
    """Refuse to write the split if that would lose data.

    Raises:
        InputError: ``split`` is not a folder name; the folder exists and ``overwrite`` is off, or it was not written by
            an export; or the source images lie in it.
    """
    folder = check_place(output, output, split, sources)
    if not folder.exists():
        return
    if not report_of(folder).is_file():
        raise InputError(f"{folder} exists and is not an export of this converter; choose another output= or split=")
    if not overwrite:
        raise there_already(output, split)
