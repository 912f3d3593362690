"""What an exported test file says of itself."""

from __future__ import annotations

from ocr.engines.base import ModelCard

TRANSFORM = {"_target_": "ocr.data.geometry_transforms.FitLongSide", "long_side": 320}
POSTPROCESS = {"_target_": "ocr.postprocess.db.DBPostprocessor", "binary_thresh": 0.5, "box_thresh": 0.5}
CARD = ModelCard(TRANSFORM, POSTPROCESS, 1, "word", 20, {"checkpoint": "best.ckpt"})
