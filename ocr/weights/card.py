"""The metadata of a stored network, in any kind of file. Does not import torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from ocr.types import InputError
from ocr.weights.kinds import TASKS, faults, named_sections, sections_of
from ocr.weights.rules import shown

SCHEMA, BY_CLASS = "receipt-ocr/2", "receipt-ocr/1"
"""Versions of the metadata format. The first version named parts by their classes."""

TUNING = "tuning"
"""Key of the record of tuning in any kind of file, one entry per tuning."""
HALF = "half"
"""Key in the provenance, true if the weights are stored in half precision."""
MAPLESS = (json.dumps("recognition"), json.dumps("extraction"))
"""The tasks without a map, as metadata have them; no set, as a file that is not trusted may have a list there."""
MAX_METADATA = 1 << 24
"""Maximum characters of a file's metadata, 16 Mi; a file that was tuned often has thousands."""


class ModelFileError(InputError):
    """An exported file cannot be used; the message names it and the reason."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All that prediction needs besides the graph, stored in the exported file itself.

    Attributes:
        task: task of the network.
        transform: the resize, or how lines are cut (`ocr.weights.kinds`). Normalisation is in the graph.
        postprocess: the postprocessing after the network.
        map_stride: pixels of the network input per map pixel; ``None`` for tasks without a map.
        granularity: unit of a region, or of what is read: ``word`` or ``line``.
        opset: ONNX operator set version of the graph; ``None`` without a graph.
        provenance: the checkpoint's name and SHA-256, git revision, versions.
    """

    task: str
    transform: dict[str, Any]
    postprocess: dict[str, Any]
    map_stride: int | None
    granularity: str
    opset: int | None
    provenance: dict[str, Any]

    @classmethod
    def of_graph(
        cls, kept: Mapping[str, Any], opset: int, provenance: dict[str, Any], *, map_stride: int | None = None
    ) -> ModelCard:
        """The card of a graph that was exported from a checkpoint.

        Args:
            kept: the configuration in the checkpoint.
            opset: operator set version of the graph.
            provenance: provenance of the file.
            map_stride: pixels of the network input per map pixel; ``None`` for tasks without a map.
        """
        data = kept["data"]
        return ModelCard(
            task=kept["task"],
            transform=data["transform"],
            postprocess=kept["postprocess"],
            map_stride=map_stride,
            granularity=data["granularity"],
            opset=opset,
            provenance=provenance,
        )

    def to_metadata(self) -> dict[str, str]:
        """The card as text by key, as ONNX stores metadata; each value is JSON."""
        said = asdict(self)
        if self.map_stride is None:
            del said["map_stride"]
        return {"schema": SCHEMA, **{name: json.dumps(value) for name, value in said.items()}}

    def tuned(self, changed: Mapping[str, Any], note: Mapping[str, Any]) -> Self:
        """The card with other settings of the postprocess.

        Args:
            changed: new settings by name.
            note: their provenance, kept in the card with the previous settings.
        """
        entry = {**note, "before": self.postprocess}
        provenance = {**self.provenance, TUNING: [*self.provenance.get(TUNING, []), entry]}
        return replace(self, postprocess={**self.postprocess, **changed}, provenance=provenance)

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], path: Path) -> Self:
        """Read the metadata that `to_metadata` made.

        Raises:
            ModelFileError: the file was not written by ``runners/export.py``, or was written by another version.
        """
        if metadata.get("schema") == BY_CLASS:
            metadata = {"task": json.dumps("detection"), **metadata}
        elif metadata.get("schema") != SCHEMA:
            raise ModelFileError(
                f"{path}: its metadata have schema={shown(metadata.get('schema'))}, not {SCHEMA!r}; export it with "
                "this version's runners/export.py"
            )
        if metadata.get("task") in MAPLESS:
            metadata = {"map_stride": "null", **metadata}
        length = sum(len(value) for value in metadata.values() if isinstance(value, str))
        if length > MAX_METADATA:
            raise ModelFileError(f"{path}: its metadata have {length} characters, more than {MAX_METADATA}")
        try:
            card = cls(**named_sections({field.name: json.loads(metadata[field.name]) for field in fields(cls)}))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ModelFileError(f"{path}: its metadata are damaged ({error}); export the checkpoint again") from error
        if not isinstance(card.provenance, dict):
            raise ModelFileError(f"{path}: its provenance is not a dictionary; export the checkpoint again")
        settings = {field.name: getattr(card, field.name) for field in fields(cls) if field.name != "provenance"}
        if card.map_stride is None and json.dumps(card.task) in MAPLESS:
            del settings["map_stride"]
        check_settings({**settings, TUNING: card.provenance.get(TUNING, [])}, path)
        return card


@dataclass(frozen=True, slots=True)
class WeightsCard(ModelCard):
    """The metadata of a weights file: a `ModelCard` without a graph, plus the other parts that a checkpoint carries.

    Attributes:
        model: the network.
        loss: the training loss.
        targets: the builder of the training maps.
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
            config: the configuration in the checkpoint.
            provenance: provenance of the file.
        """
        sections = sections_of(config)
        stride = None if json.dumps(sections["task"]) in MAPLESS else 1
        return cls(**sections, map_stride=stride, opset=None, provenance=provenance)


def check_kept(config: Mapping[str, Any]) -> None:
    """Check before a training or an export that the configuration in its files can be read again.

    Args:
        config: the configuration of a checkpoint or an exported file.

    Raises:
        InputError: it cannot be read again.
    """
    sections = sections_of(config)
    task = sections["task"]
    rules = f"ocr/weights/{task}.py" if type(task) is str and task in TASKS else "ocr/weights/kinds.py"
    for fault in faults(sections):
        raise InputError(f"{fault}; the file could not be read again. {rules} lists what is allowed")


def check_settings(settings: Mapping[str, Any], path: Path) -> None:
    """Reject settings of a file that `ocr.weights.kinds` does not list.

    Args:
        settings: all settings of the file, by section.
        path: the file.

    Raises:
        ModelFileError: a setting is not listed.
    """
    for fault in faults(settings):
        raise ModelFileError(
            f"{path}: its {fault}. A weights file may set nothing else: use one that you trust, or export it again "
            "with this version's runners/export.py"
        )
