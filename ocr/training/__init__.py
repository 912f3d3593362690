"""The Lightning side: optimisation, averaging, checkpoints. Network, loss, postprocess and metric are handed in."""

from ocr.training.averaging import WarmedUpEMA
from ocr.training.module import DetectionModule
from ocr.training.optimisation import AdamW
from ocr.training.overlays import SampleOverlays
from ocr.training.progress import ValidationLines
from ocr.training.schedule import Warmup
from ocr.training.throughput import Throughput

__all__ = ["AdamW", "DetectionModule", "SampleOverlays", "Throughput", "ValidationLines", "WarmedUpEMA", "Warmup"]
