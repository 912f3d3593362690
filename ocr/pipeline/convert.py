"""Read a data set of another format, choose from it, write it as native data or in a third format."""

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
    """What is converted, and to what.

    Attributes:
        format: of the input, a name of `READERS`.
        input: folder of the data set, or its annotation file.
        to: ``native`` or a name of `WRITERS`.
        output: folder of the native layout, or of the splits of another format.
        split: name of the split.
        include: glob over image stems.
        exclude: the same, for images to leave out.
        frame: ``upright`` or ``raw``, as `ocr.formats.convert.convert` has it.
        key: the key of a task's data that has its image, for Label Studio alone.
        overwrite: replace the split.
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
    """Read, choose, write, report.

    Returns:
        Whether an image or an entry is left out.

    Raises:
        InputError: what is wanted does not go together, or nothing can be converted.
    """
    check_request(wanted)
    output = Path(wanted.output)
    read = READERS[wanted.format] if wanted.key is None else partial(read_labelstudio, key=wanted.key)
    if wanted.to == "native":
        write, told = convert, output / "reports" / f"{wanted.split}.json"
    else:
        write, told = partial(export, writer=WRITERS[wanted.to]), report_of(output / wanted.split)
    report = write(
        select(read(Path(wanted.input)), wanted.include, wanted.exclude),
        output,
        wanted.split,
        frame=wanted.frame,
        overwrite=wanted.overwrite,
        progress=lambda records: progress(records, "images", len(records)),
    )
    say(*report.lines(), f"written to {output}, all of this to {told}")
    return report.incomplete


def check_request(wanted: Conversion) -> None:
    """Find what cannot be meant before the work.

    Raises:
        InputError: a format is unknown, or there is a key and the format has no tasks.
    """
    check_known("format", wanted.format, READERS)
    if wanted.key is not None and wanted.format != "labelstudio":
        raise InputError(f"key={wanted.key} is for format=labelstudio; leave it away with format={wanted.format}")
    check_known("to", wanted.to, [*WRITERS, "native"])


def check_known(setting: str, name: str, known: Collection[str]) -> None:
    """Stop where a format has no such name."""
    if name not in list(known):  # what is typed may be a list, which is no key
        raise InputError(f"{setting}={name} is unknown; use one of {', '.join(known)}")
