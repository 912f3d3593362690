"""A file of weights sets what is listed and nothing else."""

import copy
import inspect
import math
from typing import Any

import pytest

from engine_cards import POSTPROCESS, TRANSFORM
from ocr.weights.detection import KINDS
from ocr.weights.kinds import class_of, faults, named
from ocr.weights.rules import Part
from taught_network import CONFIG

SECTIONS = {
    "task": "detection",
    **{name: CONFIG[name] for name in ("model", "loss", "targets", "evaluator")},
    "transform": TRANSFORM,
    "postprocess": POSTPROCESS,
    "map_stride": 1,
    "granularity": "word",
    "opset": None,
}
ENDLESS = 10**400


def changed(place: str, value: Any) -> dict[str, Any]:
    """The sections with one value changed, added where it is not there."""
    sections = copy.deepcopy(SECTIONS)
    *path, last = place.split(".")
    inner: Any = sections
    for name in path:
        inner = inner.setdefault(name, {})
    inner[last] = value
    return sections


def test_what_a_training_writes_is_taken() -> None:
    assert list(faults(SECTIONS)) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("model.encoder.name", "swin_tiny_patch4_window7_224.ms_in1k"),
        ("model.encoder.options", {"dynamic_img_size": True, "drop_path_rate": 0.1}),
        ("model.encoder.options", None),
        ("model.encoder.strides", [4, 8, 16]),
        ("model.decoder", {"kind": "unet", "channels": 64}),
        ("postprocess.unclip_ratio", 1.5),
        ("postprocess.unclip_ratio", None),
        ("postprocess.box_thresh", 1),
        ("loss.eps", 1e-6),
        ("opset", 20),
    ],
)
def test_settings_in_their_ranges_are_taken(place: str, value: Any) -> None:
    assert list(faults(changed(place, value))) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        # to the network, to files, to other code
        ("model.encoder.pretrained", True),
        ("model.encoder.pretrained", 1),
        ("model.encoder.pretrained", "true"),
        ("model.encoder.checkpoint_path", "weights.pth"),
        ("model.encoder.options", {"checkpoint_path": "weights.pth"}),
        ("model.encoder.options", {"pretrained": True}),
        ("model.encoder.options", {"pretrained_cfg": {"url": "x"}}),
        ("model.encoder.options", {"pretrained_cfg_overlay": {}}),
        ("model.encoder.options", {"cache_dir": "x"}),
        ("model.encoder.options", {"in_chans": 3}),
        ("model.encoder.options", {"dynamic_img_size": "x"}),
        ("model.encoder.options", []),
        ("model.encoder.name", "hf-hub:a/b"),
        ("model.encoder.name", "hf_hub:a"),
        ("model.encoder.name", "local-dir:x"),
        ("model.encoder.name", "../x"),
        ("model.encoder.name", "${oc.env:HOME}"),
        ("task", "surgery"),
        ("model.encoder.kind", "timm.create_model"),
        ("model.encoder.kind", "dbnet"),
        ("model.decoder.kind", "ocr.detection.models.FPN"),
        ("model.kind", "fpn"),
        ("model.kind", None),
        ("model.kind", ["dbnet"]),
        ("model.encoder", {"_target_": "timm.create_model", "name": "resnet18"}),
        ("model.encoder", {"_target_": "ocr.detection.models.encoder.timm.create_model"}),
        ("model._target_", "ocr.detection.models.DBNet"),
        ("model._args_", []),
        ("model._convert_", "all"),
        ("model._recursive_", False),
        ("model._partial_", True),
        ("model.head._partial_", True),
        ("model.mean_C11", 0.0),
        ("model", None),
        ("model", [SECTIONS["model"]]),
        ("loss.kind", "ocr.detection.losses.dice.MaskedDiceLoss"),
        ("transform.kind", "random-crop"),
        ("evaluator", "ocr.metrics.DetectionEvaluator"),
        # time and memory
        ("model.encoder.name", "resnet18" * 10_000_000),
        ("model.encoder.name", ""),
        ("model.encoder.name", 18),
        ("model.encoder.strides", [4] * 1_000_000),
        ("model.encoder.strides", [4, 8.0]),
        ("model.encoder.strides", [True]),
        ("model.encoder.strides", 4),
        ("model.decoder.channels", 10**9),
        ("model.decoder.channels", 0),
        ("model.decoder.channels", -64),
        ("model.decoder.channels", 64.0),
        ("model.decoder.channels", True),
        ("model.decoder.channels", ENDLESS),
        ("model.head.k", math.inf),
        ("model.head.k", math.nan),
        ("model.channels_last", "yes"),
        ("transform.long_side", 10**9),
        ("transform.long_side", 0),
        ("transform.long_side", 1280.5),
        ("transform.multiple", 10**9),
        ("postprocess.mode", "mask"),
        ("postprocess.binary_thresh", math.nan),
        ("postprocess.binary_thresh", -0.1),
        ("postprocess.box_thresh", 1.01),
        ("postprocess.box_thresh", "0.5"),
        ("postprocess.unclip_ratio", 1e308),
        ("postprocess.unclip_ratio", -math.inf),
        ("postprocess.shrink_ratio", math.nan),
        ("postprocess.min_size", math.inf),
        ("postprocess.max_candidates", 10**9),
        ("postprocess.tolerance", math.inf),
        ("postprocess.threads", 8),
        ("targets.min_text_size", math.inf),
        ("loss.alpha", math.nan),
        ("evaluator.iou_thresholds", [0.5] * 1_000_000),
        ("evaluator.iou_thresholds", [math.nan]),
        ("evaluator.iou_thresholds", {"0.5": 1}),
        ("map_stride", 0),
        ("map_stride", 10**9),
        ("map_stride", True),
        ("granularity", "page"),
        ("granularity", None),
        ("opset", 10**9),
        ("opset", "20"),
    ],
)
def test_all_else_is_refused_with_its_place(place: str, value: Any) -> None:
    (fault,) = faults(changed(place, value))
    parent, _, last = place.rpartition(".")
    assert fault.startswith((f"{place} is ", f"{parent} is ", f"{parent} has {last!r}"))
    assert "; it must be " in fault
    assert len(fault) < 700


def test_the_tables_name_classes_of_ours_and_parameters_that_they_have() -> None:
    for part, kinds in KINDS.items():
        for name, kind in kinds.items():
            assert kind.path.startswith("ocr.")
            parameters = inspect.signature(class_of(part, name)).parameters
            assert kind.settings.keys() <= parameters.keys(), name
            assert {rule.name for rule in kind.settings.values() if isinstance(rule, Part)} <= KINDS.keys()


MODEL = {
    "_target_": "ocr.detection.models.DBNet",
    "encoder": {"_target_": "ocr.detection.models.TimmEncoder", "name": "resnet18"},
    "decoder": {"_target_": "ocr.detection.models.FPN", "_partial_": True, "channels": 64},
    "head": {"_target_": "ocr.detection.models.DBHead", "_partial_": True},
}


def test_classes_get_their_names() -> None:
    assert named(MODEL, Part("model")) == {
        "kind": "dbnet",
        "encoder": {"kind": "timm", "name": "resnet18"},
        "decoder": {"kind": "fpn", "channels": 64},
        "head": {"kind": "db"},
    }


@pytest.mark.parametrize(
    "changed",
    [
        MODEL | {"_target_": "os.system"},
        MODEL | {"_target_": ["ocr.detection.models.DBNet"]},
        MODEL | {"_partial_": True},
        MODEL | {"head": {"_target_": "ocr.detection.models.DBHead", "_partial_": False}},
        MODEL | {"head": {"_target_": "ocr.detection.models.DBHead", "_partial_": 1}},
        MODEL | {"encoder": MODEL},
        MODEL | {"encoder": None},
        [MODEL],
        "ocr.detection.models.DBNet",
    ],
)
def test_what_is_no_description_by_class_is_refused(changed: Any) -> None:
    assert len(list(faults({"model": named(changed, Part("model"))}))) == 1
