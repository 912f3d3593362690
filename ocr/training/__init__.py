"""The Lightning side: optimisation, averaging, checkpoints. Network, loss, postprocess and metric are passed in."""

from ocr.training.averaging import WarmedUpEMA
from ocr.training.module import TaskModule
from ocr.training.optimisation import AdamW
from ocr.training.overlays import SampleOverlays
from ocr.training.progress import ValidationLines
from ocr.training.schedule import Warmup
from ocr.training.throughput import Throughput

__all__ = ["AdamW", "SampleOverlays", "TaskModule", "Throughput", "ValidationLines", "WarmedUpEMA", "Warmup"]
