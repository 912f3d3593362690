"""The module and the loader that score a stored network on a split."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning import Callback

from ocr.data.annotated import AnnotatedDataModule
from ocr.data.datamodule import ReceiptDataModule
from ocr.data.fact_datamodule import FactDataModule
from ocr.data.geometry_transforms import RandomCrop
from ocr.data.line_datamodule import LineDataModule
from ocr.data.lines import LineJitter
from ocr.data.photometric import Photometric
from ocr.detection.postprocess.decode import DecodeMaps
from ocr.extraction.postprocess.decode import DecodeFacts
from ocr.formats.common.names import find
from ocr.recognition.postprocess.decode import DecodeLines
from ocr.training.interruptible import Interruptible
from ocr.training.module import TaskModule
from ocr.training.readings import WriteReadings
from ocr.training.skipping import CountSkipped
from ocr.types import InputError
from ocr.weights.parts import changed_postprocess, described, resize_of
from ocr.weights.stored import load_stored, stored_network

DECODE = {"detection": DecodeMaps, "recognition": DecodeLines, "extraction": DecodeFacts}
"""By task: converts the network's output to results for the evaluator."""


def module_from_checkpoint(path: str, postprocess: Mapping[str, Any]) -> tuple[TaskModule, dict[str, Any]]:
    """The module of a checkpoint, ready to evaluate, and the configuration in the checkpoint.

    Args:
        path: a checkpoint or a weights file.
        postprocess: postprocess settings; those that are ``None`` stay as in training.
    """
    return module_of(load_stored(path), path, postprocess)


def stored_evaluation(
    path: str, *, data: Mapping[str, Any], postprocess: Mapping[str, Any], split: str, seed: int
) -> tuple[TaskModule, AnnotatedDataModule]:
    """The module of a checkpoint, and the loader of the split to score it on.

    Args:
        path: a checkpoint or a weights file.
        data: section ``data`` of ``configs/test.yaml``.
        postprocess: postprocess settings; those that are ``None`` stay as in training.
        split: name of the split.
        seed: seed of the loader.
    """
    module, kept = module_from_checkpoint(path, postprocess)
    return module, evaluation_datamodule(kept, path, data=data, split=split, seed=seed)


def evaluation_callbacks(data: AnnotatedDataModule, root: str, split: str, output: str) -> list[Callback]:
    """What accompanies the evaluation: stops, counts of what was skipped, and a file of what was read.

    Args:
        data: the loader.
        root: folder of the data set.
        split: name of the split.
        output: folder for ``predictions.json``.
    """
    readings = WriteReadings(Path(output) / "predictions.json", find(Path(root), f"images/{split}"))
    return [Interruptible(), CountSkipped(data.skipped), readings]


def module_of(stored: dict[str, Any], path: str, postprocess: Mapping[str, Any]) -> tuple[TaskModule, dict[str, Any]]:
    """`module_from_checkpoint` for the result of `load_stored`, which is not modified."""
    config = {**stored["config"], "postprocess": changed_postprocess(stored["config"]["postprocess"], postprocess)}
    parts = {name: described(name, config[name], path) for name in ("loss", "evaluator")}
    decode = DECODE[config["task"]](described("postprocess", config["postprocess"], path))
    return TaskModule(network=stored_network(stored, path), decode=decode, config=config, **parts), config


def evaluation_datamodule(
    kept: Mapping[str, Any], path: str, *, data: Mapping[str, Any], split: str, seed: int
) -> AnnotatedDataModule:
    """The loader of one split, with the transform of the checkpoint's training unless ``data`` changes it.

    Args:
        kept: the configuration in the checkpoint.
        path: the checkpoint.
        data: section ``data`` of ``configs/test.yaml``.
        split: name of the split.
        seed: seed of the loader.

    Raises:
        InputError: a size is given for a task that resizes no image, or the transform cannot be made as described.
    """
    data = dict(data)
    long_side = data.pop("long_side")
    task = kept["task"]
    if task != "detection" and long_side is not None:
        raise InputError(f"data.long_side={long_side}: {path} is of task={task}, which resizes no image; leave it out")
    settings: dict[str, Any] = {
        "targets": described("targets", kept["targets"], path),
        "granularity": data.pop("granularity") or kept["data"]["granularity"],
        "batch_size": 1,
        "seed": seed,
        "test_split": split,
        **data,
    }
    transform = resize_of(kept["data"]["transform"], long_side, path)
    if task == "extraction":
        return FactDataModule(transform=transform, **settings)
    if task == "recognition":
        return LineDataModule(crop=LineJitter(), photometric=Photometric(), transform=transform, **settings)
    return ReceiptDataModule(crop=RandomCrop(), photometric=Photometric(), transform=transform, **settings)
