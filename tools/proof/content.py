"""Read a file as ordered values, so that the first differing value shows the difference."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tools.proof.behaviour import Entry
from tools.proof.binary import digest, leaves, read_binary
from tools.proof.normalise import Normaliser
from tools.proof.places import STORED, by_names

NUMBERS = re.compile(r"-?\d[\d.eE+-]*")


def entries_of(path: Path, normalise: Normaliser) -> list[Entry]:
    """Every value of a file; texts with what differs between any two runs replaced.

    A binary file that cannot be read as what its name says is one value, the digest of its bytes.
    """
    try:
        values = list(read_binary(path) or text_values(path, normalise))
    except Exception:  # a broken file is a value like any other
        values = [("bits", digest(path.read_bytes()))]
    if path.suffix in STORED:
        values = list(by_names(values, normalise.code))
    return comparable(path, values, normalise)


def comparable(path: Path, values: Iterable[tuple[str, Any]], normalise: Normaliser) -> list[Entry]:
    """The values but for clocks, without what differs between any two runs."""
    name = normalise(path.name)
    return [
        Entry(name, normalise(what), plain(value, normalise)) for what, value in values if not normalise.is_clock(what)
    ]


def plain(value: Any, normalise: Normaliser) -> Any:
    """Texts in nested lists made comparable."""
    if isinstance(value, str):
        return normalise(value)
    return [plain(inner, normalise) for inner in value] if isinstance(value, list) else value


def text_values(path: Path, normalise: Normaliser) -> Iterator[tuple[str, Any]]:
    """JSON by key, tables by column, anything else by line; what is no text by its digest."""
    content = path.read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        yield "bits", digest(content)
        return
    if path.suffix == ".json":
        yield from leaves(json.loads(text))
        yield "layout", digest(NUMBERS.sub("0", normalise(text)).encode())
    elif path.suffix == ".jsonl":
        for number, line in enumerate(text.splitlines(), 1):
            yield from leaves(json.loads(line), f"line {number} ")
    elif path.suffix == ".csv" and (rows := list(csv.reader(io.StringIO(text)))) and not NUMBERS.search(text[:1]):
        yield from table_values(rows)
    else:
        yield from line_values(text)


def table_values(rows: list[list[str]]) -> Iterator[tuple[str, Any]]:
    """A table with a line of names: a value for each cell."""
    yield "columns", rows[0]
    for number, row in enumerate(rows[1:], 2):
        yield f"line {number} cells", len(row)
        for column, cell in enumerate(row):
            yield f"line {number} {rows[0][column] if column < len(rows[0]) else column}", cell


def line_values(text: str) -> Iterator[tuple[str, Any]]:
    """The lines of a text, with how they end."""
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        yield f"line {number}", line


def stream_entries(path: Path, normalise: Normaliser) -> list[Entry]:
    """What a command printed: JSON by key, else by line, without what a progress bar has overwritten."""
    text = path.read_bytes().decode(errors="backslashreplace")
    try:
        values = list(leaves(json.loads(text)))
    except json.JSONDecodeError:
        text = normalise("\n".join(line.rsplit("\r", 1)[-1] for line in text.split("\n")))
        values = list(line_values(text))
    return comparable(path, values, normalise)
