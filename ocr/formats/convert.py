"""Foreign data to the native layout: images upright, polygons clipped, repaired and put in order; losses are listed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import shapely

from ocr.formats.base import AnnotationError, ForeignData
from ocr.formats.native import write_json, write_native
from ocr.formats.orientation import upright_matrix, write_upright
from ocr.geometry import MIN_POINTS, clip_points, repair, transform_points
from ocr.types import FloatArray, InputError, Record, Word

Frame = Literal["upright", "raw"]

MOVED = 0.01
"""Pixels: a point that clipping moves by less is not worth telling."""


@dataclass(slots=True)
class Report:
    """What a conversion did.

    Attributes:
        images: number of images written.
        words: number of words written.
        turned: images that were turned upright.
        clipped: words that reached out of their image and were cut at its border.
        repaired: words whose polygon crossed itself and became its largest simple part.
        dropped: words that have no area in the image.
        left_out: images that are not in the result, with the reason.
    """

    images: int = 0
    words: int = 0
    turned: list[str] = field(default_factory=list)
    clipped: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        write_json(asdict(self), path)

    def lines(self, shown: int = 10) -> list[str]:
        """The counts, each with its first ``shown`` names."""
        lines = [f"{self.images} images with {self.words} words"]
        for name in ("turned", "clipped", "repaired", "dropped", "left_out"):
            entries: list[str] = getattr(self, name)
            if entries:
                lines.append(f"{name.replace('_', ' ')}: {len(entries)}")
                lines += [f"  {entry}" for entry in entries[:shown]]
                lines += [f"  ... and {len(entries) - shown} more"] if len(entries) > shown else []
        return lines


def select(data: ForeignData, include: str = "*", exclude: str | None = None) -> ForeignData:
    """The images whose stem matches ``include`` and not ``exclude``, left out ones too.

    Raises:
        InputError: no image is chosen.
    """

    def chosen(path: Path) -> bool:
        return fnmatchcase(path.stem, include) and not (exclude is not None and fnmatchcase(path.stem, exclude))

    records = [record for record in data.records if chosen(record.image_path)]
    if not records:
        stems = ", ".join(record.image_path.stem for record in data.records[:3]) or "none"
        raise InputError(f"include={include!r} exclude={exclude!r} choose no annotated image; stems there: {stems}")
    return ForeignData(records, {path: why for path, why in data.left_out.items() if chosen(path)})


def prepare_split(output: Path, split: str, sources: Iterable[Path], *, overwrite: bool) -> Path:
    """Make the image folder of a split, empty, and return it.

    Raises:
        InputError: the split exists and ``overwrite`` is off, or the images to convert lie in it.
    """
    images = output / "images" / split
    annotation = output / "jsons" / f"{split}.json"
    if any(images.resolve() in source.resolve().parents for source in sources):
        raise InputError(f"output={output}: the images to convert are in {images}; choose another output= or split=")
    if annotation.exists() or (images.exists() and any(images.iterdir())):
        if not overwrite:
            raise InputError(f"{output} has a split {split!r}; choose another split= or give overwrite=true")
        annotation.unlink(missing_ok=True)
        shutil.rmtree(images, ignore_errors=True)
    images.mkdir(parents=True, exist_ok=True)
    return images


def convert(
    records: Iterable[Record], left_out: dict[Path, str], output: Path, split: str, *, frame: Frame = "upright"
) -> Report:
    """Write a split: ``images/<split>/``, ``jsons/<split>.json`` and ``reports/<split>.json``.

    Args:
        records: what a reader gave, polygons as they are.
        left_out: images that the reader could not take, for the report.
        output: data folder; its split must be empty (`prepare_split`).
        split: name of the split.
        frame: ``upright`` where the polygons are pixels of the image as a viewer shows it, ``raw`` where they are
            pixels as stored, before the EXIF orientation is applied.

    Raises:
        InputError: ``frame`` is neither.
        AnnotationError: two images have the same name.
    """
    if frame not in get_args(Frame):
        raise InputError(f"frame={frame!r} is unknown; use 'upright' or 'raw'")
    report = Report(left_out=[f"{path} {why}" for path, why in left_out.items()])
    written: dict[str, Record] = {}
    for record in records:
        if record.name in written:
            raise AnnotationError(f"{record.image_path}: another image has the same name; rename one of them")
        try:
            written[record.name] = convert_one(record, output / "images" / split / record.name, frame, report)
        except AnnotationError as error:
            report.left_out.append(str(error))
    report.images = len(written)
    report.words = sum(len(record.words) for record in written.values())
    write_native(list(written.values()), output / "jsons" / f"{split}.json")
    report.write(output / "reports" / f"{split}.json")
    return report


def convert_one(record: Record, target: Path, frame: Frame, report: Report) -> Record:
    """Write one image upright and return its record with clean polygons."""
    orientation, (width, height) = write_upright(record.image_path, target)
    matrix_33 = upright_matrix(orientation, width, height)
    upright_size = (width, height) if matrix_33[0, 0] else (height, width)
    if orientation in range(2, 9):
        report.turned.append(f"{record.image_path}: EXIF orientation {orientation}")
    words: dict[str, Word] = {}
    for key, word in record.words.items():
        points_N2 = word.points_N2
        if frame == "raw" and len(points_N2):
            points_N2 = transform_points(points_N2, matrix_33)
        clean_N2 = clean(points_N2, upright_size, f"{record.image_path}, word {key}", report)
        if clean_N2 is not None:
            words[key] = replace(word, points_N2=clean_N2)
    return Record(target, words, *upright_size)


def clean(points_N2: FloatArray, size: tuple[int, int], where: str, report: Report) -> FloatArray | None:
    """A polygon inside the image, simple, clockwise from top left; ``None`` where nothing of it is left."""
    told = f"{where}: {np.round(points_N2.astype(np.float64), 2).tolist()}"
    if len(points_N2) < MIN_POINTS:
        report.dropped.append(f"{told} has {len(points_N2)} points")
        return None
    clipped_N2 = clip_points(points_N2, *size)
    clean_N2 = repair(clipped_N2)
    if clean_N2 is None:
        report.dropped.append(f"{told} has no area in the image of {size[0]} x {size[1]}")
        return None
    if np.abs(clipped_N2 - points_N2).max() > MOVED:
        report.clipped.append(f"{told} in an image of {size[0]} x {size[1]}")
    if not shapely.Polygon(clipped_N2).is_valid:
        report.repaired.append(told)
    return clean_N2
