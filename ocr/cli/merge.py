"""``receipt-ocr merge``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ocr.pipeline.shards import merge_shards
from ocr.utils.printable import say
from ocr.utils.whole_file import new_file


def run(arguments: Namespace) -> str:
    """Parts in, one file out; nothing is left to say."""
    folder = Path(arguments.folder)
    written = new_file(folder / "predictions.json", overwrite=arguments.overwrite)
    say(f"{merge_shards(folder, written, submission=arguments.csv)} images: {written}")
    return ""
