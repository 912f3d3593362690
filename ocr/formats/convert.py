"""Foreign data to the native layout: images upright, polygons clipped, repaired and put in order; losses are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import shapely

from ocr.formats.base import AnnotationError, ForeignData, composed
from ocr.formats.conversion_report import Report
from ocr.formats.names import own_names
from ocr.formats.native_writing import write_native
from ocr.formats.orientation import write_upright
from ocr.formats.rounding import as_written, hundredths
from ocr.formats.scale import check_pixels
from ocr.formats.split import check_split, growing_split
from ocr.geometry import MIN_POINTS, clip_points, swallowing, too_complex, transform_points
from ocr.images.orientation import upright_matrix
from ocr.images.pages import CUT
from ocr.types import FloatArray, InputError, Record, Word

Frame = Literal["upright", "raw"]

MOVED = 0.01
"""Pixels: a point that clipping moves by less is not worth telling."""


def check_key(key: str | None, form: str) -> None:
    """Stop where the key of a task's data is given for a format that has no tasks.

    Raises:
        InputError: it is.
    """
    if key is not None and form != "labelstudio":
        raise InputError(f"key={key} is for format=labelstudio; leave it away with format={form}")


def select(data: ForeignData, include: str = "*", exclude: str | None = None) -> ForeignData:
    """The images whose stem matches ``include`` and not ``exclude``, left out ones and faults of the chosen ones too.

    A fault that is of no image is kept.

    Raises:
        InputError: no image is chosen.
    """

    def chosen(path: Path) -> bool:
        stem = composed(path.stem)
        wanted = fnmatchcase(stem, composed(include))
        return wanted and not (exclude is not None and fnmatchcase(stem, composed(exclude)))

    records = [record for record in data.records if chosen(record.image_path)]
    if not data.records:
        reasons = [f"{path} {why}" for path, why in data.left_out.items()]
        reasons += [fault for faults in data.faults.values() for fault in faults]
        told = "; ".join(reasons[:3])
        raise InputError(f"no annotated image was found, {len(data.left_out)} are left out: {told or 'none'}")
    if not records:
        stems = ", ".join(record.image_path.stem for record in data.records[:3])
        raise InputError(f"include={include!r} exclude={exclude!r} choose no annotated image; stems there: {stems}")
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
    """Write a split: ``images/<split>/``, ``jsons/<split>.json`` and ``reports/<split>.json``, all of it or nothing.

    Args:
        data: what a reader gave, polygons as they are.
        output: data folder.
        split: name of the split.
        frame: ``upright`` where the polygons are pixels of the image as a viewer shows it, ``raw`` where they are
            pixels as stored, before the EXIF orientation is applied.
        overwrite: replace the split where it exists; it stays as it is until the new one is complete.
        progress: gives back the records it gets, to show how far the work is.

    Raises:
        InputError: ``frame`` is neither, the split cannot be written (`check_split`), or no image can be converted.
        AnnotationError: an image is annotated twice, or no names can be found for two of the same.
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


def convert_images(
    records: Iterable[Record], names: Mapping[Path, str], folder: Path, frame: Frame, report: Report
) -> list[Record]:
    """Write the images upright into a folder; those that cannot be converted are left out and listed."""
    written = []
    for record in records:
        target = folder / names[record.image_path]
        try:
            written.append(convert_one(record, target, frame, report))
        except AnnotationError as error:
            target.unlink(missing_ok=True)
            report.left_out.append(str(error))
    return written


def convert_one(record: Record, target: Path, frame: Frame, report: Report) -> Record:
    """Write one image upright and return its record with clean polygons.

    Raises:
        AnnotationError: the image cannot be read, its name is not UTF-8, its size shows that the polygons are of
            another frame, these are no pixels, or no word of it is left.
    """
    try:
        record.name.encode()
    except UnicodeEncodeError as error:
        raise AnnotationError(f"{record.image_path}: its name is not UTF-8; rename the image") from error
    check_pixels([word.points_N2 for word in record.words.values() if len(word.points_N2)], str(record.image_path))
    header = write_upright(record.image_path, target)
    stored_size, upright_size = (header.width, header.height), header.upright_size
    matrix_33 = upright_matrix(header.orientation, *stored_size)
    check_frame(record, frame, {"upright": upright_size, "raw": stored_size})
    if header.orientation != 1:
        report.turned.append(f"{record.image_path}: EXIF orientation {header.orientation}")
    if header.pages > 1:
        ends = f", or more: {CUT}; copy it again" if header.cut else ""
        told = f"{header.pages - 1} of {header.pages} pages are not read{ends}"
        report.first_page_alone.append(f"{record.image_path}: {told}")
    words: dict[str, Word] = {}
    for key, word in record.words.items():
        points_N2 = word.points_N2
        if frame == "raw" and len(points_N2):
            points_N2 = transform_points(points_N2, matrix_33)
        clean_N2 = clean(points_N2, upright_size, f"{record.image_path}, word {key}", report)
        if clean_N2 is not None:
            words[key] = replace(word, points_N2=clean_N2)
    if record.words and not words:
        raise AnnotationError(
            f"{record.image_path}: none of its {len(record.words)} words can be used in the image of "
            f"{upright_size[0]} x {upright_size[1]}; correct them, or remove them if the image has no text"
        )
    for key, within in swallowing(words).items():
        told = f"{record.image_path}, word {key}: {words.pop(key).points_N2.tolist()}"
        report.around_words.append(f"{told} has {', '.join(within)} in it")
    return Record(target, words, *upright_size)


def check_frame(record: Record, frame: Frame, sizes: dict[Frame, tuple[int, int]]) -> None:
    """Stop where the annotation states a size that the image does not have in the frame asked for.

    Args:
        record: what a reader gave.
        frame: what the polygons are said to be pixels of.
        sizes: (width, height) of the image in each frame.

    Raises:
        AnnotationError: the stated size is that of the other frame, or of neither.
    """
    stated = (record.width, record.height)
    fitting = [
        name for name, size in sizes.items() if all(s in (None, own) for s, own in zip(stated, size, strict=True))
    ]
    if frame not in fitting:
        has = " and ".join(f"{width} x {height} in frame={name}" for name, (width, height) in sizes.items())
        remedy = f"give frame={fitting[0]}" if fitting else "correct img_w and img_h or put the annotated image there"
        raise AnnotationError(
            f"{record.image_path}: the image is {has}, the annotation says {stated[0] or '?'} x {stated[1] or '?'}, so "
            f"its polygons are not of frame={frame}; {remedy}"
        )


def clean(points_N2: FloatArray, size: tuple[int, int], where: str, report: Report) -> FloatArray | None:
    """A polygon inside the image as it can be written; ``None`` where nothing of it is left."""
    told = f"{where}: {np.round(points_N2.astype(np.float64), 2).tolist()}"
    if len(points_N2) < MIN_POINTS:
        report.dropped.append(f"{told} has {len(points_N2)} points")
        return None
    if flaw := too_complex(points_N2):
        report.dropped.append(f"{where} {flaw}")
        return None
    clipped_N2 = clip_points(points_N2, *size)
    clean_N2 = as_written(clipped_N2)
    if clean_N2 is None:
        report.dropped.append(f"{told} has no area in the image of {size[0]} x {size[1]}")
        return None
    if np.abs(clipped_N2 - points_N2).max() > MOVED:
        report.clipped.append(f"{told} in an image of {size[0]} x {size[1]}")
    if not shapely.Polygon(hundredths(clipped_N2)).is_valid:
        report.repaired.append(told)
    return clean_N2
