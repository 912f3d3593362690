"""The parts of a text detector that a weights file may name, and their allowed settings."""

from __future__ import annotations

from collections.abc import Mapping

from ocr.weights.rules import Kind, Part, Rule, Settings, choice, number, optional, several, table, whole

LONGEST_NAME = 64
"""Maximum length of an encoder's name; timm's longest model name has 58 characters."""
SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.")

FLAG = choice(True, False)
ENCODER_NAME = Rule(
    f"the name of a timm model: at most {LONGEST_NAME} lower-case letters, digits, dots and underscores",
    lambda value: type(value) is str and 0 < len(value) <= LONGEST_NAME and SIGNS.issuperset(value),
)
ENCODER_OPTIONS = table(
    dynamic_img_size=FLAG, strict_img_size=FLAG, drop_rate=number(0, 1), drop_path_rate=number(0, 1)
)
CHANNELS: Settings = {"channels": whole(1, 4096)}

KINDS: Mapping[str, Mapping[str, Kind]] = {
    "model": {
        "dbnet": Kind(
            "ocr.detection.models.DBNet",
            {
                "encoder": Part("encoder"),
                "decoder": Part("decoder", partial=True),
                "head": Part("head", partial=True),
                "channels_last": FLAG,
            },
            before=("ocr.models.DBNet",),
        )
    },
    "encoder": {
        "timm": Kind(
            "ocr.detection.models.TimmEncoder",
            {
                "name": ENCODER_NAME,
                "pretrained": choice(False),  # the weights are in the file
                "strides": several(whole(1, 128), most=8),
                "options": optional(ENCODER_OPTIONS),
            },
            before=("ocr.models.TimmEncoder",),
        )
    },
    "decoder": {
        "fpn": Kind("ocr.detection.models.FPN", CHANNELS, before=("ocr.models.FPN",)),
        "fpn-asf": Kind("ocr.detection.models.FPNASF", CHANNELS, before=("ocr.models.FPNASF",)),
        "unet": Kind("ocr.detection.models.UNet", CHANNELS, before=("ocr.models.UNet",)),
    },
    "head": {"db": Kind("ocr.detection.models.DBHead", {"k": number(0, 10_000)}, before=("ocr.models.DBHead",))},
    "loss": {
        "db": Kind(
            "ocr.detection.losses.db.DBLoss",
            {
                **dict.fromkeys(("alpha", "beta", "dice_weight", "negative_ratio"), number(0, 1e6)),
                "eps": number(1e-12, 1),
            },
            before=("ocr.losses.db.DBLoss",),
        )
    },
    "targets": {
        "db": Kind(
            "ocr.detection.targets.db.DBTargetBuilder",
            {
                **dict.fromkeys(("shrink_ratio", "thresh_min", "thresh_max"), number(0, 1)),
                "min_text_size": number(0, 1000),
            },
            before=("ocr.targets.db.DBTargetBuilder",),
        )
    },
    "transform": {
        "fit-long-side": Kind(
            "ocr.data.geometry_transforms.FitLongSide", {"long_side": whole(1, 8192), "multiple": whole(1, 1024)}
        )
    },
    "postprocess": {
        "db": Kind(
            "ocr.detection.postprocess.db.DBPostprocessor",
            {
                "mode": choice("polygon", "box", "upright"),
                "binary_thresh": number(0, 1),
                "box_thresh": number(0, 1),
                "unclip_ratio": optional(number(0, 100)),
                "shrink_ratio": optional(number(0, 1)),
                "min_size": number(0, 1000),
                "max_candidates": whole(1, 100_000),
                "tolerance": number(0, 1000),
            },
            before=("ocr.postprocess.db.DBPostprocessor",),
        )
    },
    "evaluator": {
        "detection": Kind("ocr.metrics.DetectionEvaluator", {"iou_thresholds": several(number(0, 0.99), most=100)})
    },
}
"""The allowed kinds, by the section or setting that describes an object."""
