"""What a stored network says of itself, whatever kind of file it is in. Knows no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from ocr.types import InputError
from ocr.weights.kinds import faults, named_sections, sections_of
from ocr.weights.rules import shown

SCHEMA, BY_CLASS = "receipt-ocr/2", "receipt-ocr/1"
"""Format of the metadata; another number is another meaning. The first one named parts by their classes."""

TUNING = "tuning"
"""Where a file of any kind keeps what tuning changed, one entry a time."""
MAX_METADATA = 1 << 24
"""Characters of a file's metadata: 16 MiB; a file that was tuned often has thousands."""


class ModelFileError(InputError):
    """An exported file cannot be used; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All that prediction needs beside the graph, kept in the exported file itself.

    Attributes:
        task: what the network does.
        transform: the resize (`ocr.weights.kinds`). Normalisation is in the graph.
        postprocess: what follows the network.
        map_stride: pixels of the network input per map pixel.
        granularity: what one region is: ``word`` or ``line``.
        opset: version of ONNX's operators that the graph uses; ``None`` where there is no graph.
        provenance: the checkpoint's name and SHA-256, git revision, versions.
    """

    task: str
    transform: dict[str, Any]
    postprocess: dict[str, Any]
    map_stride: int
    granularity: str
    opset: int | None
    provenance: dict[str, Any]

    def to_metadata(self) -> dict[str, str]:
        """A text for each key, as ONNX keeps them; each value is JSON."""
        return {"schema": SCHEMA, **{name: json.dumps(value) for name, value in asdict(self).items()}}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], path: Path) -> Self:
        """Read what `to_metadata` made.

        Raises:
            ModelFileError: the file was not written by ``runners/export.py``, or by another version of it.
        """
        if metadata.get("schema") == BY_CLASS:
            metadata = {"task": json.dumps("detection"), **metadata}
        elif metadata.get("schema") != SCHEMA:
            raise ModelFileError(
                f"{path}: its metadata say schema={shown(metadata.get('schema'))}, not {SCHEMA!r}; write the file with "
                "this version's runners/export.py"
            )
        length = sum(len(value) for value in metadata.values() if isinstance(value, str))
        if length > MAX_METADATA:
            raise ModelFileError(f"{path}: its metadata have {length} characters, more than {MAX_METADATA}")
        try:
            card = cls(**named_sections({field.name: json.loads(metadata[field.name]) for field in fields(cls)}))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ModelFileError(f"{path}: its metadata are damaged ({error}); export the checkpoint again") from error
        if not isinstance(card.provenance, dict):
            raise ModelFileError(f"{path}: its provenance is no dictionary; export the checkpoint again")
        settings = {field.name: getattr(card, field.name) for field in fields(cls) if field.name != "provenance"}
        check_settings({**settings, TUNING: card.provenance.get(TUNING, [])}, path)
        return card


@dataclass(frozen=True, slots=True)
class WeightsCard(ModelCard):
    """What a file of weights says of itself: a `ModelCard` without a graph, and the parts that a checkpoint carries.

    Attributes:
        model: the network.
        loss: what it was trained with.
        targets: the builder of its training maps.
        evaluator: the metric.
    """

    model: dict[str, Any]
    loss: dict[str, Any]
    targets: dict[str, Any]
    evaluator: dict[str, Any]

    @classmethod
    def of(cls, config: Mapping[str, Any], provenance: dict[str, Any]) -> WeightsCard:
        """The card of a network that a checkpoint's configuration describes.

        Args:
            config: what the checkpoint carries.
            provenance: where the file comes from.
        """
        return cls(**sections_of(config), map_stride=1, opset=None, provenance=provenance)


def check_kept(config: Mapping[str, Any]) -> None:
    """See before a training that what its checkpoints will carry can be read again.

    Args:
        config: a checkpoint's configuration.

    Raises:
        InputError: it cannot.
    """
    for fault in faults(sections_of(config)):
        raise InputError(f"{fault}; the checkpoint could not be read again. ocr/weights/kinds.py lists what can")


def check_settings(settings: Mapping[str, Any], path: Path) -> None:
    """Take nothing from a file but what `ocr.weights.kinds` lists.

    Args:
        settings: all that it sets, by section.
        path: the file that they are from.

    Raises:
        ModelFileError: there is anything else.
    """
    for fault in faults(settings):
        raise ModelFileError(
            f"{path}: its {fault}. A file of weights sets nothing else: take one that you trust, or write it again "
            "with this version's runners/export.py"
        )
