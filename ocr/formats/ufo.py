"""UFO, the receipt competition's own format, which the native one follows; read leniently, so that it can be repaired.

A competition file has more keys (``orientation``, ``language``, ``tags``), ``points`` may be null, and
``illegibility`` marks what cannot be read. Images lie in ``images/<name of the JSON file>/``, in ``images/`` or beside
the file.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ocr.formats.base import IMAGE_ENDINGS, AnnotationError, ForeignData
from ocr.formats.native import ImageEntry, LineNumber, check_name, decode_image, mapped, raw_entries
from ocr.formats.reading import add_record, polygon
from ocr.types import Record, Word


class UFOWord(msgspec.Struct):
    """One word as it stands in the file."""

    points: list[tuple[float, float]] | None = None
    transcription: str | None = None
    ignore: bool = False
    illegibility: bool = False
    line: LineNumber | None = None


def read_ufo(source: Path) -> ForeignData:
    """Read one annotation file, or all those of a folder (``jsons/*.json`` or ``*.json``) together.

    Raises:
        AnnotationError: there is no annotation, two files name the same image, or a file or a word has another form;
            the message names file, image, word and value.
    """
    data = ForeignData([])
    owners: dict[str, Path] = {}
    paths = annotation_files(source)
    for path in paths:
        read_file(path, data, owners)
    # Images of a shared folder may be annotated in a file that was not asked for.
    annotated = set().union(*(annotated_images(path) for path in siblings(paths)))
    for folder in dict.fromkeys(map(image_folder, paths)):
        for image in sorted(folder.iterdir()):
            if image.suffix.lower() in IMAGE_ENDINGS and image not in annotated:
                data.left_out[image] = f"has no annotation in {source}"
    return data


def annotation_files(source: Path) -> list[Path]:
    """The file itself, or those of a folder."""
    if source.is_file():
        return [source]
    found = sorted((source / "jsons").glob("*.json")) or sorted(source.glob("*.json"))
    if not found:
        raise AnnotationError(
            f"input={source}: is neither a JSON file nor a folder with jsons/*.json or *.json; give one"
        )
    return found


def siblings(paths: list[Path]) -> list[Path]:
    """All JSON files of the folders that hold the paths."""
    return sorted(file for folder in {path.parent for path in paths} for file in folder.glob("*.json"))


def annotated_images(path: Path) -> set[Path]:
    """The images that one file annotates."""
    return {image_folder(path) / name for name in raw_entries(mapped(path), path)}


def decode(path: Path) -> dict[str, ImageEntry]:
    """The file's images by name, words not yet looked into."""
    entries = raw_entries(mapped(path), path)
    return {name: decode_image(raw, f"{path}: image {name!r}") for name, raw in entries.items()}


def read_file(path: Path, data: ForeignData, owners: dict[str, Path]) -> None:
    """Add the images of one annotation file; ``owners`` says which file named an image first."""
    folder = image_folder(path)
    for name, entry in decode(path).items():
        where = f"{path}: image {name!r}"
        check_name(name, where)
        if name in owners:
            raise AnnotationError(f"{where} is in {owners[name]} too; keep one of them")
        owners[name] = path
        words = {key: read_word(raw, f"{where}, word {key!r}") for key, raw in (entry.words or {}).items()}
        add_record(data, Record(folder / name, words, entry.img_w, entry.img_h), path)


def image_folder(path: Path) -> Path:
    """Where the images of an annotation file are."""
    tops = [path.parent.parent, path.parent] if path.parent.name == "jsons" else [path.parent]
    places = [place for top in tops for place in (top / "images" / path.stem, top / "images")]
    return next((place for place in places if place.is_dir()), path.parent)


def read_word(raw: msgspec.Raw, where: str) -> Word:
    """One word, its polygon as it is."""
    try:
        entry = msgspec.json.decode(raw, type=UFOWord)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AnnotationError(f"{where}: {error}; correct or remove the word") from error
    return Word(polygon(entry.points or []), entry.transcription, entry.ignore or entry.illegibility, entry.line)
