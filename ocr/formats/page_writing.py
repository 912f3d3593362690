"""Write pages that were read: as the native format, and as a table of their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ocr.formats.common.rounding import as_written, plain_points
from ocr.formats.common.writing import json_bytes
from ocr.formats.native_writing import word_entry
from ocr.formats.page_facts import facts_entry, label_of, labels_of
from ocr.page import Page, TextLine, TextWord
from ocr.types import Word
from ocr.utils.csv_text import csv_text
from ocr.utils.whole_file import whole_file

HEADER = ("filename", "row", "line", "text", "confidence", "polygon")


def page_entry(page: Page, *, words: bool = False) -> tuple[dict[str, Any], list[str]]:
    """The native format's entry of a page, and what it cannot hold.

    Positions are in pixels of the file's image; if the text does not stand upright in it, ``orientation`` says by how
    many degrees it has to be turned clockwise. Beside the keys of an annotation, a line or word has its ``confidence``,
    the detection's ``score`` and the number of its printed ``row``, from 1; ``line`` is the number of the text line
    segment in reading order, from 1. A marked line and its words are ``unsure``. If facts were looked for, the entry
    has them (`facts_entry`), and a line or word that states one wholly has its ``field``, and ``item``.

    Args:
        page: what was read, as it lies in the file.
        words: an entry for each word instead of each line.

    Returns:
        The entry, and a line for each polygon that is left out because it has no area in hundredths of a pixel; the
        others keep their numbers.
    """
    entries, left_out, labels = {}, [], labels_of(page)
    for number, (part, line, place, start) in enumerate(_parts(page, words=words), start=1):
        points_N2 = as_written(part.points_N2)
        if points_N2 is None:
            left_out.append(f"line {place}: {part.points_N2.tolist()} has no area in hundredths of a pixel")
            continue
        about = {"confidence": round(part.confidence, 4), "score": round(line.score, 4), "row": line.row + 1}
        about |= {"unsure": True} if line.unsure else {}
        field, item = label_of(labels, place - 1, start, part.text)
        word = Word(points_N2, part.text, line=place, field=field, item=item)
        entries[f"{number:04d}"] = word_entry(word) | about
    turn = {"orientation": page.orientation} if page.orientation else {}
    entry = {"img_w": page.size[0], "img_h": page.size[1], **turn, "words": entries}
    return entry | (facts_entry(page.facts) if page.facts else {}), left_out


def _parts(page: Page, *, words: bool) -> Iterator[tuple[TextLine | TextWord, TextLine, int, int]]:
    """Each line or word, with its line, the line's number, and the place of its first character in the line's text."""
    for number, line in enumerate(page.lines, start=1):
        start = 0
        for part in line.words if words else (line,):
            start = max(line.text.find(part.text, start), start)
            yield part, line, number, start
            start += len(part.text)


def write_pages(
    pages: Mapping[str, Page],
    path: Path,
    *,
    words: bool = False,
    unread: Mapping[str, int] | None = None,
    **about: Any,
) -> list[str]:
    """Write pages in the native format.

    Args:
        pages: by image name.
        path: the JSON file.
        words: an entry for each word instead of each line.
        unread: number of pages of an image that were not read; written to its entry as ``pages_not_read``.
        about: further keys of the file, beside ``images``.

    Returns:
        What is not in the file, each with image, line and polygon.
    """
    left_out: list[str] = []
    with whole_file(path) as temporary, temporary.open("wb") as file:
        file.writelines(_pieces(pages, left_out, words=words, unread=unread or {}, about=about))
    return left_out


def pages_json(
    pages: Mapping[str, Page], *, words: bool = False, unread: Mapping[str, int] | None = None, **about: Any
) -> tuple[bytes, list[str]]:
    """The bytes of that file, and what is not in it; arguments as for `write_pages`."""
    left_out: list[str] = []
    return b"".join(_pieces(pages, left_out, words=words, unread=unread or {}, about=about)), left_out


def _pieces(
    pages: Mapping[str, Page], left_out: list[str], *, words: bool, unread: Mapping[str, int], about: Mapping[str, Any]
) -> Iterator[bytes]:
    """What `json_bytes` gives of the whole file, page by page, so that only one entry is in memory."""
    between = b""
    yield b'{\n "images": {'
    for name, page in pages.items():
        entry, without = page_entry(page, words=words)
        left_out += [f"image {name!r}, {each}" for each in without]
        entry |= {"pages_not_read": unread[name]} if name in unread else {}
        yield between + _members({name: entry}).replace(b"\n", b"\n ")
        between = b","
    yield (b"\n }" if pages else b"}") + (b"," + _members(about) if about else b"") + b"\n}"


def _members(content: Mapping[str, object]) -> bytes:
    """What stands between the braces of an object that is not empty: no text in it has a line end of its own."""
    return json_bytes(content).removeprefix(b"{").removesuffix(b"\n}")


def table_csv(pages: Mapping[str, Page]) -> bytes:
    """The table ``filename,row,line,text,confidence,polygon``, a line of text a line, in reading order.

    The coordinates of a polygon are separated by blanks (``x1 y1 x2 y2 ...``). A text that a spreadsheet would read as
    a formula gets a leading apostrophe (`ocr.utils.csv_text`).

    Args:
        pages: by image name.
    """
    rows: list[tuple[object, ...]] = [HEADER]
    for name, page in pages.items():
        for number, line in enumerate(page.lines, start=1):
            polygon = " ".join(f"{x} {y}" for x, y in plain_points(line.points_N2))
            rows.append((name, line.row + 1, number, line.text, round(line.confidence, 4), polygon))
    return csv_text(rows).encode()
