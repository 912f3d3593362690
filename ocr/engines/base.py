"""The face of an engine, and what an exported file says of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Self

from ocr.types import FloatArray, InputError, UInt8Array

Engine = Callable[[UInt8Array], FloatArray]
"""uint8 RGB (B, 3, H, W), H and W multiples of the stride, to text probabilities, float32 (B, H, W) in 0..1."""

INPUT = "images"
OUTPUT = "probability"
SCHEMA = "receipt-ocr/1"
"""Format of the metadata; another number is another meaning."""

PLAIN_TEXT = re.compile(r"[\w.-]*")
"""What a setting may say: no interpolation, no path, no address."""


class ModelFileError(InputError):
    """An exported file cannot be used; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All that prediction needs beside the graph, kept in the exported file itself.

    Attributes:
        transform: parameters of `ocr.data.geometry_transforms.FitLongSide`, as ``_target_`` says. Normalisation is in
            the graph.
        postprocess: parameters of the postprocess that ``_target_`` names.
        map_stride: pixels of the network input per map pixel.
        granularity: what one region is: ``word`` or ``line``.
        opset: version of ONNX's operators that the graph uses; ``None`` where there is no graph.
        provenance: the checkpoint's name and SHA-256, git revision, versions.
    """

    transform: dict[str, Any]
    postprocess: dict[str, Any]
    map_stride: int
    granularity: str
    opset: int | None
    provenance: dict[str, Any]

    rooms: ClassVar[dict[str, str]] = {"transform": "ocr.data.", "postprocess": "ocr.postprocess."}
    """The sections that describe objects, and the package that their classes are from."""

    def to_metadata(self) -> dict[str, str]:
        """A text for each key, as ONNX keeps them; each value is JSON."""
        return {"schema": SCHEMA, **{name: json.dumps(value) for name, value in asdict(self).items()}}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], path: Path) -> Self:
        """Read what `to_metadata` made.

        Raises:
            ModelFileError: the file was not written by ``runners/export.py``, or by another version of it.
        """
        if metadata.get("schema") != SCHEMA:
            raise ModelFileError(
                f"{path}: its metadata say schema={metadata.get('schema')!r}, not {SCHEMA!r}; write the file with this "
                "version's runners/export.py"
            )
        try:
            card = cls(**{field.name: json.loads(metadata[field.name]) for field in fields(cls)})
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ModelFileError(f"{path}: its metadata are damaged ({error}); export the checkpoint again") from error
        cls.check_rooms({section: getattr(card, section) for section in cls.rooms}, path)
        return card

    @classmethod
    def check_rooms(cls, sections: Mapping[str, Any], path: Path) -> None:
        """Take nothing for a description of objects that could name other code than ours.

        Args:
            sections: the descriptions, by the names of `rooms`.
            path: the file that they are from.

        Raises:
            ModelFileError: one is missing or does.
        """
        for section, room in cls.rooms.items():
            settings = sections.get(section)
            target = settings.get("_target_") if isinstance(settings, dict) else settings
            if not isinstance(target, str) or not all(harmless(key, value, room) for key, value in leaves(settings)):
                raise ModelFileError(f"{path}: its {section} is {target!r}; only plain settings of {room}* are read")


def leaves(settings: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """The plain values of nested settings, each with the key that it stands under."""
    if isinstance(settings, dict):
        for name, value in settings.items():
            yield from leaves(value, name)
    elif isinstance(settings, list):
        for value in settings:
            yield from leaves(value, key)
    else:
        yield key, settings


def harmless(key: str, value: Any, room: str) -> bool:
    """A file may come from anywhere: of code it names only what looks like a class in a module of the room.

    That may be a class which the module imports, such as ``Path``; built from plain settings, none of them runs code of
    the file's choice. Functions and modules, which could, are not named like classes.

    Args:
        key: name of a setting.
        value: what it says.
        room: the package that classes may be from, with a dot at its end.
    """
    if key == "_target_":
        return re.fullmatch(re.escape(room) + r"([a-z0-9_]+\.)?[A-Z][A-Za-z0-9]*", str(value)) is not None
    if key.startswith("_"):
        return key == "_partial_" and isinstance(value, bool)
    return not isinstance(value, str) or PLAIN_TEXT.fullmatch(value) is not None
