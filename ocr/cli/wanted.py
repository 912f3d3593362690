"""What the commands that work through images write, from their common options."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ocr.pipeline.loop import Wanted


def wanted_of(arguments: Namespace, shared: Mapping[str, Any], *, csv: bool = False) -> Wanted:
    """The options of `ocr.cli.parser.add_images`.

    Args:
        arguments: of the command line.
        shared: further settings that all shards must have in common.
        csv: also write ``predictions.csv``.
    """
    return Wanted(
        Path(arguments.output),
        shard=arguments.shard,
        shared={"long_side": arguments.long_side, **shared},
        csv=csv,
        visualize=arguments.overlays,
        table=arguments.table,
        overwrite=arguments.overwrite,
        num_workers=arguments.num_workers,
    )
