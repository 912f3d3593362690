"""Read a data set in another format, select images, and write native data or a third format."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ocr.formats.common.cleaning import Frame
from ocr.formats.convert import convert, export, report_of, select
from ocr.formats.labelstudio import read_labelstudio
from ocr.formats.registry import READERS, WRITERS
from ocr.types import InputError
from ocr.utils.printable import say
from ocr.utils.progress import progress


@dataclass(frozen=True)
class Conversion:
    """Settings of a conversion.

    Attributes:
        format: format of the input, a key of `READERS`.
        input: folder of the data set, or its annotation file.
        to: ``native`` or a key of `WRITERS`.
        output: folder for the native layout, or for the splits of another format.
        split: name of the split.
        include: glob over image stems.
        exclude: glob over the stems of images to leave out.
        frame: ``upright`` or ``raw``, as in `ocr.formats.convert.convert`.
        key: key of a task's data that holds its image; Label Studio only.
        overwrite: replace an existing split.
    """

    format: str
    input: str
    to: str
    output: str
    split: str
    include: str
    exclude: str | None
    frame: Frame
    key: str | None
    overwrite: bool


def convert_data(wanted: Conversion) -> bool:
    """Read, select, write, and print the report.

    Returns:
        Whether an image or an entry was left out.

    Raises:
        InputError: the settings contradict each other, or nothing can be converted.
    """
    check_request(wanted)
    output = Path(wanted.output)
    read = READERS[wanted.format] if wanted.key is None else partial(read_labelstudio, key=wanted.key)
    if wanted.to == "native":
        write, report_file = convert, output / "reports" / f"{wanted.split}.json"
    else:
        write, report_file = partial(export, writer=WRITERS[wanted.to]), report_of(output / wanted.split)
    report = write(
        select(read(Path(wanted.input)), wanted.include, wanted.exclude),
        output,
        wanted.split,
        frame=wanted.frame,
        overwrite=wanted.overwrite,
        progress=lambda records: progress(records, "images", len(records)),
    )
    say(*report.lines(), f"written to {output}, full report to {report_file}")
    return report.incomplete


def check_request(wanted: Conversion) -> None:
    """Check the settings before any work starts.

    Raises:
        InputError: a format is unknown, or ``key`` is given for another format than Label Studio.
    """
    check_known("format", wanted.format, READERS)
    if wanted.key is not None and wanted.format != "labelstudio":
        raise InputError(f"key={wanted.key} is for format=labelstudio; remove it with format={wanted.format}")
    check_known("to", wanted.to, [*WRITERS, "native"])


def check_known(setting: str, name: str, known: Collection[str]) -> None:
    """Raise an `InputError` for an unknown format."""
    if name not in list(known):  # the setting may be a list, which is not hashable
        raise InputError(f"{setting}={name} is unknown; use one of {', '.join(known)}")
