"""``receipt-ocr export``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ocr.pipeline.export import Export, export
from ocr.types import InputError


def run(arguments: Namespace) -> str:
    """Export a checkpoint; return an empty message.

    Raises:
        InputError: the new file's suffix is not that of a known format.
    """
    ending = Path(arguments.written).suffix
    if ending not in {".onnx", ".safetensors"}:
        raise InputError(f"{arguments.written}: must end in .onnx or .safetensors, which selects the format")
    export(
        Export(
            arguments.checkpoint,
            arguments.written,
            ending[1:],
            arguments.opset,
            arguments.int8,
            arguments.long_side,
            overwrite=arguments.overwrite,
        )
    )
    return ""
