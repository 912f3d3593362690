"""UFO, the receipt competition's format, on which the native one is based; read leniently, so that it can be repaired.

A competition file has more keys (``orientation``, ``language``, ``tags``), ``points`` may be null, and
``illegibility`` marks illegible words. Images lie in ``images/<stem of the JSON file>/``, in ``images/`` or beside the
file.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ocr.formats.common.base import AnnotationError, ForeignData, composed
from ocr.formats.common.image_files import add_record, locate, unannotated_in
from ocr.formats.common.labels import ItemNumber, Label, read_fields
from ocr.formats.common.names import find
from ocr.formats.common.reading import MAX_BYTES, files_of, polygon, quoted
from ocr.formats.native import mapped, raw_entries
from ocr.formats.native_entries import LineNumber, decode_image
from ocr.types import Record, Word
from ocr.utils.lenient_json import standard
from ocr.utils.regular import as_utf8


class UFOWord(msgspec.Struct):
    """One word as in the file."""

    points: list[tuple[float, float]] | None = None
    transcription: str | None = None
    ignore: bool | None = False
    illegibility: bool | None = False
    line: LineNumber | None = None
    field: Label | None = None
    item: ItemNumber | None = None


def read_ufo(source: Path) -> ForeignData:
    """Read one annotation file, or all of a folder (``jsons/*.json`` or ``*.json``) together.

    Raises:
        AnnotationError: there is no annotation, or a file has another form.
    """
    paths = files_of(source, "a JSON file", "jsons/*.json", "*.json")
    data = ForeignData([], joined=paths)
    for path in paths:
        read_file(path, data)
    # Images of a shared folder may be annotated in another file beside these.
    annotated = set().union(*(annotated_images(path) for path in siblings(paths)))
    for folder in dict.fromkeys(map(image_folder, paths)):
        for image, why in unannotated_in(folder, data.owners.keys(), source).items():
            if composed(str(image)) not in annotated:
                data.left_out.setdefault(image, why)
    return data


def siblings(paths: list[Path]) -> list[Path]:
    """All JSON files of the folders that hold the paths."""
    return sorted(file for folder in {path.parent for path in paths} for file in folder.glob("*.json"))


def annotated_images(path: Path) -> set[str]:
    """The `composed` paths of the images that one file annotates."""
    return {composed(str(image_folder(path) / name)) for name in entries_of(path)}


def entries_of(path: Path) -> dict[str, msgspec.Raw]:
    """A file's images by name, not yet decoded; a value that JSON does not have is an error of its word (`standard`).

    Raises:
        AnnotationError: it is not in the native format.
    """
    content = mapped(path)
    try:
        return raw_entries(content, path)
    except AnnotationError as error:
        if len(content) > MAX_BYTES:
            raise
        try:
            return raw_entries(standard(bytes(as_utf8(content))), path)
        except ValueError:
            raise error from None


def read_file(path: Path, data: ForeignData) -> None:
    """Add the images of one annotation file."""
    folder = image_folder(path)
    for name, raw_image in entries_of(path).items():
        where = f"{path}: image {name!r}"
        with data.leaving_out(Path(name)):
            image = locate(name, [folder], where)
            with data.leaving_out(image):
                entry = decode_image(raw_image, where)
                words, fields = {}, {}
                with data.sparing(image):
                    fields = read_fields(entry.fields, where)
                for key, raw in (entry.words or {}).items():
                    with data.sparing(image):
                        words[key] = read_word(raw, f"{where}, word {key!r}")
                add_record(data, Record(image, words, entry.img_w, entry.img_h, fields), where)


def image_folder(path: Path) -> Path:
    """The folder of an annotation file's images."""
    tops = [path.parent.parent, path.parent] if path.parent.name == "jsons" else [path.parent]
    places = [place for top in tops for place in (find(top, f"images/{path.stem}"), top / "images")]
    return next((place for place in places if place.is_dir()), path.parent)


def read_word(raw: msgspec.Raw, where: str) -> Word:
    """Read one word, its polygon unchecked."""
    try:
        entry = msgspec.json.decode(raw, type=UFOWord, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = quoted(" ".join(bytes(raw).decode(errors="replace").split()))
        raise AnnotationError(f"{where}: {error}, is {found}; correct or remove the word") from error
    ignore = bool(entry.ignore or entry.illegibility)
    return Word(
        polygon(entry.points or []), entry.transcription, ignore, entry.line, field=entry.field, item=entry.item
    )
