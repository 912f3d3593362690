"""Training steps in half precision on a processor, against the same in float32 and with nothing kept in float32.

    .venv-bench/bin/python benchmarks/precision.py [pairs=8]

Processor time of one thread; the default model and one batch of its data.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.row import Row, Skipped, faster, main, settings
from benchmarks.setup import configuration, data_module, training_step

FLAGS = ("avx512_bf16", "amx_bf16")
"""Names that Linux gives to bfloat16 arithmetic of an x86 processor."""


def check_processor() -> None:
    """Stop where half precision would be emulated.

    Raises:
        Skipped: the processor does not say that it has bfloat16.
    """
    path = Path("/proc/cpuinfo")
    flags = path.read_text(encoding="utf-8").split() if path.is_file() else []
    if not set(FLAGS) & set(flags):
        raise Skipped(f"the processor has none of {', '.join(FLAGS)}")


def measure() -> list[Row]:
    """Three networks of the same weights, one batch."""
    chosen = settings(sys.argv[1:], pairs=8)
    check_processor()
    cfg = configuration("data.num_workers=0")
    batch = next(iter(data_module(cfg).train_dataloader()))
    (_, ours), (_, full), (network, all_half) = (training_step(cfg, half=half) for half in (True, False, True))
    for module in network.modules():
        module.__dict__.pop("forward", None)  # as the class has it: in what autocast says
    return [
        faster(
            "training step in half precision (bf16-mixed), one thread",
            against,
            None,
            lambda: ours(batch),
            peer,
            pairs=chosen["pairs"],
            same="the same network, loss and batch; gradients differ by rounding",
        )
        for against, peer in (
            ("the same in float32", lambda: full(batch)),
            ("depthwise convolutions in half precision too", lambda: all_half(batch)),
        )
    ]


if __name__ == "__main__":
    sys.exit(main(measure))
