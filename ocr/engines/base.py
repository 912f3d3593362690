"""The face of an engine, and what an exported file says of itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ocr.types import FloatArray, InputError, UInt8Array

Engine = Callable[[UInt8Array], FloatArray]
"""uint8 RGB (B, 3, H, W), H and W multiples of the stride, to text probabilities, float32 (B, H, W) in 0..1."""

INPUT = "images"
OUTPUT = "probability"
SCHEMA = "receipt-ocr/1"
"""Format of the metadata; another number is another meaning."""


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
        opset: version of ONNX's operators that the graph uses.
        provenance: the checkpoint's name and SHA-256, git revision, versions.
    """

    transform: dict[str, Any]
    postprocess: dict[str, Any]
    map_stride: int
    granularity: str
    opset: int
    provenance: dict[str, Any]

    def to_metadata(self) -> dict[str, str]:
        """A text for each key, as ONNX keeps them; each value is JSON."""
        return {"schema": SCHEMA, **{name: json.dumps(value) for name, value in asdict(self).items()}}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], path: Path) -> ModelCard:
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
        except (KeyError, ValueError) as error:
            raise ModelFileError(f"{path}: its metadata are damaged ({error}); export the checkpoint again") from error
        for section, room in (("transform", "ocr.data."), ("postprocess", "ocr.postprocess.")):
            settings = getattr(card, section)
            target = settings.get("_target_")
            # A file may come from anywhere: it names no other code than ours, and holds plain values.
            if not str(target).startswith(room) or any(isinstance(value, dict | list) for value in settings.values()):
                raise ModelFileError(f"{path}: its {section} is {target!r}; only plain settings of {room}* are read")
        return card
