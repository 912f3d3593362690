"""Choose the engine and the default weights of a stored network, and load what runs it. Does not import torch."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

from ocr.types import InputError
from ocr.utils.errors import missing_package
from ocr.weights.shipped import shipped_weights

MODULES = {"torch": "ocr.pipeline.on_torch", "onnxruntime": "ocr.pipeline.on_onnxruntime"}
"""Imported only when chosen: importing torch takes seconds, and ONNX Runtime does not need it."""
NEEDED = {
    "receipts": ("torch", "timm", "safetensors"),
    "lines": ("torch", "safetensors"),
    "korean": ("torch", "safetensors"),
    "facts": ("torch", "safetensors"),
}
"""What torch needs beside itself to run the shipped weights, by their name."""
LANGUAGES = {"english": "lines", "korean": "korean"}
"""The shipped recognisers by the language that they read; the one for Korean reads English too."""


def engine_of(path: Path) -> str:
    """The engine that runs a file."""
    return "onnxruntime" if path.suffix == ".onnx" else "torch"


def default_weights(engine: str, name: str = "receipts") -> Path:
    """The weights shipped with this package, in the engine's format.

    Args:
        engine: ``torch``, ``onnxruntime``, or ``auto``: torch if all that it needs is installed.
        name: ``receipts``, the detector, ``lines`` or ``korean``, the recognisers, or ``facts``, which finds fields.

    Raises:
        InputError: the file is missing.
    """
    there = all(importlib.util.find_spec(package) for package in NEEDED[name])
    return shipped_weights(".safetensors" if engine == "torch" or (engine == "auto" and there) else ".onnx", name)


def default_recogniser(engine: str, language: str = "english") -> Path:
    """The recogniser shipped with this package for a language, as `default_weights`.

    Raises:
        InputError: the language has none, or the file is missing.
    """
    if language not in LANGUAGES:
        raise InputError(f"language={language}: must be {' or '.join(LANGUAGES)}; for others, train a recogniser")
    return default_weights(engine, LANGUAGES[language])


def engine_module(path: str, engine: str, device: str) -> ModuleType:
    """The module that loads a file for the engine that runs it.

    Raises:
        InputError: the engine or the device cannot run this file, or a required package is not installed.
    """
    fitting = engine_of(Path(path))
    if engine not in {"auto", fitting}:
        raise InputError(
            f"engine={engine} cannot run {path}: torch runs checkpoints and .safetensors, "
            "onnxruntime the .onnx files that runners/export.py makes from them; give another file, or engine=auto"
        )
    if not Path(path).exists():
        raise InputError(f"{path}: no such file; give a checkpoint, a .safetensors or an .onnx file")
    if fitting == "onnxruntime" and device not in {"auto", "cpu"}:
        raise InputError(
            f"device={device} is for torch, {path} runs on the CPU; give a checkpoint or a .safetensors file"
        )
    try:
        return importlib.import_module(MODULES[fitting])
    except ModuleNotFoundError as error:
        raise missing_package(error) from error


def check_task(task: str, wanted: str, path: str) -> None:
    """Check that a file holds a network of the wanted task.

    Raises:
        InputError: it holds another.
    """
    if task != wanted:
        raise InputError(f"{path}: its network is for task={task}, not for {wanted}; give a file of a {wanted} network")
