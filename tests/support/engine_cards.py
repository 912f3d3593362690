"""What an exported test file says of itself."""

from ocr.weights.card import ModelCard

TRANSFORM = {"kind": "fit-long-side", "long_side": 320}
POSTPROCESS = {"kind": "db", "binary_thresh": 0.5, "box_thresh": 0.5}
CARD = ModelCard("detection", TRANSFORM, POSTPROCESS, 1, "word", 20, {"checkpoint": "best.ckpt"})
