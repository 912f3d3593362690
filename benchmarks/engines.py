"""What makes the network fast in prediction, and what does not: engines, threads, batches, sizes, options.

    .venv-bench/bin/python benchmarks/engines.py model=receipts.onnx [pairs=6]

``model`` is a float32 file from `runners/export.py`. Each row compares the engine's default with one change, so that a
ratio above 1 means that the default is better. One thread in CPU time; two threads, including their waiting, in wall
time. The rows against torch run the untrained default model: the weights make no difference.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.exported import exported_model, receipts, sample_of
from benchmarks.row import Row, main, seconds
from benchmarks.setup import configuration
from ocr.data.geometry_transforms import FitLongSide, round_up
from ocr.engines.base import INPUT, Engine
from ocr.engines.onnx_runtime import OnnxRuntimeEngine
from ocr.types import UInt8Array
from ocr.utils.limits import available_cores
from ocr.weights.card import ModelCard
from ocr.weights.kinds import named_sections
from tools.pairs import interleaved, ratio

SIDE = 1024
BUCKET = 128
NEAR = 1e-4


def pages(count: int) -> list[UInt8Array]:
    """Receipts as the network gets them, uint8 (1, 3, H, W): heights and widths are multiples of 32.

    Raises:
        Skipped: there are no receipts.
    """
    records, transform = receipts(), FitLongSide(long_side=SIDE)
    spread = records[:: len(records) // count][:count]
    return [sample_of(record.image_path, transform).image_CHW[None] for record in spread]


def padded(image_BCHW: UInt8Array, multiple: int) -> UInt8Array:
    """Black on the right and at the bottom, up to a multiple."""
    height, width = image_BCHW.shape[2:]
    add = [(0, round_up(length, multiple) - length) for length in (height, width)]
    return np.pad(image_BCHW, [(0, 0), (0, 0), *add])


def session(
    model: Path, threads: int = 1, *, arena: bool = True, fusing: bool = True, spinning: bool = False
) -> Engine:
    """ONNX Runtime with the options that the engine leaves alone, or sets, changed."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = arena
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spinning)))
    if not fusing:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    loaded = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return lambda images_BCHW: np.asarray(loaded.run(None, {INPUT: images_BCHW})[0])


def wall(job: Callable[[], object]) -> float:
    """Wall time in seconds."""
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def row(
    what: str,
    against: str,
    default: Callable[[], object],
    other: Callable[[], object],
    *,
    pairs: int,
    same: str,
    timed: Callable[[Callable[[], object]], float] = seconds,
    images: tuple[int, int] = (1, 1),
) -> Row:
    """Time of one image with the other thing, as a multiple of the default's.

    Args:
        what: the default.
        against: what is done otherwise.
        default: the default's job.
        other: the other one.
        pairs: how many are timed.
        same: how the outputs compare.
        timed: seconds of a job.
        images: of the default's job, and of the other.
    """
    default(), other()
    measured = ratio(interleaved(lambda: timed(default) / images[0], lambda: timed(other) / images[1], pairs))
    medians = f"{measured.a * 1e3:.3g} ms, {measured.b * 1e3:.3g} ms an image"
    return Row(what, against, "-", f"{measured} times its time", medians, same, None)


def of_torch(folder: Path, image_BCHW: UInt8Array, pairs: int) -> list[Row]:
    """ONNX Runtime against torch, and torch's two orders of memory, one thread."""
    import torch
    from hydra.utils import instantiate

    from ocr.engines.export import OPSET, onnx_graph, save_model
    from ocr.engines.torch_engine import TorchEngine

    cfg = configuration()
    device, engines = torch.device("cpu"), dict[str, Engine]()
    for channels_last in (True, False):
        torch.manual_seed(0)
        network = instantiate(cfg.model, channels_last=channels_last).eval()
        engines["channels-last" if channels_last else "contiguous"] = TorchEngine(network, device, threads=1)
    sections = {"transform": {**cfg.data.transform}, "postprocess": {**cfg.postprocess}}
    card = ModelCard("detection", *named_sections(sections).values(), 1, cfg.data.granularity, OPSET, {})
    save_model(onnx_graph(network, network.stride), card, folder / "default.onnx")
    engines["ONNX Runtime"] = OnnxRuntimeEngine(folder / "default.onnx", threads=1)
    maps = {name: engine(image_BCHW) for name, engine in engines.items()}
    rows = []
    for name, other in (("ONNX Runtime", "channels-last"), ("channels-last", "contiguous")):
        distance = np.abs(maps[name] - maps[other]).max()
        if distance > NEAR:
            raise RuntimeError(f"{name} and {other} differ by {distance}")
        jobs = (partial(engines[each], image_BCHW) for each in (name, other))
        what, against = (each if "ONNX" in each else f"torch, {each}" for each in (name, other))
        rows.append(row(f"network: {what}", against, *jobs, pairs=pairs, same=f"maps within {NEAR:g}"))
    return rows


def each_of(run: Engine, images: Sequence[UInt8Array]) -> None:
    """Run one after the other."""
    for image_BCHW in images:
        run(image_BCHW)


def of_sizes(run: Engine, images: Sequence[UInt8Array], pairs: int) -> list[Row]:
    """One image at a time as it comes, against batches and against a few fixed sizes."""
    rows = []
    for size in (2, 4, 8):
        batch_BCHW = np.repeat(images[0], size, axis=0)
        distance = np.abs(run(batch_BCHW) - run(images[0])).max()
        if distance > NEAR:
            raise RuntimeError(f"a batch of {size} gives maps that differ by {distance}")
        jobs = partial(run, images[0]), partial(run, batch_BCHW)
        same = f"maps within {NEAR:g}"
        rows.append(row("network: one image", f"a batch of {size}", *jobs, pairs=pairs, same=same, images=(1, size)))
    in_buckets = [padded(image_BCHW, BUCKET) for image_BCHW in images]
    sizes = [len({image_BCHW.shape for image_BCHW in group}) for group in (images, in_buckets)]
    pixels = sum(each.size for each in in_buckets) / sum(each.size for each in images)
    whole = partial(each_of, run, images), partial(each_of, run, in_buckets)
    what, against = f"network: sizes as they come ({sizes[0]})", f"multiples of {BUCKET} ({sizes[1]} sizes)"
    same = f"{pixels:.2f} times the pixels, the added ones black"
    rows.append(row(what, against, *whole, pairs=pairs, same=same, images=(len(images), len(images))))
    return rows


def of_options(model: Path, image_BCHW: UInt8Array, pairs: int) -> list[Row]:
    """The session's options, and threads."""
    default, same = partial(session(model), image_BCHW), "the same file"
    rows = [
        row(f"network: {name}", f"without ({option})", default, partial(other, image_BCHW), pairs=pairs, same=same)
        for name, option, other in (
            ("all graph optimisations", "ORT_ENABLE_EXTENDED", session(model, fusing=False)),
            ("memory arena", "enable_cpu_mem_arena", session(model, arena=False)),
        )
    ]
    if available_cores() > 1:
        two, spinning = (partial(session(model, 2, spinning=spins), image_BCHW) for spins in (False, True))
        what = "network: two threads"
        rows.append(row(what, "one thread, wall time", two, default, pairs=pairs, same=same, timed=wall))
        rows.append(row(what, "two that spin, wall time", two, spinning, pairs=pairs, same=same, timed=wall))
        rows.append(row(what, "two that spin, processor time", two, spinning, pairs=pairs, same=same))
    return rows


def measure(model: Path, pairs: int) -> list[Row]:
    """All rows.

    Raises:
        Skipped: there are no receipts.
    """
    images = pages(12)
    with tempfile.TemporaryDirectory() as folder:
        rows = of_torch(Path(folder), images[0], pairs)
    return [*rows, *of_sizes(session(model), images, pairs), *of_options(model, images[0], pairs)]


if __name__ == "__main__":
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    sys.exit(main(lambda: measure(exported_model(given), int(given.get("pairs", 6)))))
