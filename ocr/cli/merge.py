"""``receipt-ocr merge``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ocr.pipeline.shards import merge_shards
from ocr.utils.printable import plural, say
from ocr.utils.whole_file import new_file


def run(arguments: Namespace) -> str:
    """Merge the parts into one file; return an empty message."""
    folder = Path(arguments.folder)
    written = new_file(folder / "predictions.json", overwrite=arguments.overwrite)
    say(f"{plural(merge_shards(folder, written, submission=arguments.csv), 'image')}: {written}")
    return ""
