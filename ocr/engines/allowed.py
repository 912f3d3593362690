"""What a file of weights may say of a network: classes by name, each with the settings that it takes from a file.

A file may come from anywhere. It chooses among what is listed here, in the ranges that are listed here, and sets
nothing else: no other class, no address, no path, nothing that is downloaded or looked up, no size that takes the
machine's memory. Code of one's own that is to stand in a file is added to these tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """What one setting may be.

    Attributes:
        says: the values in words.
        holds: whether a value, which may be anything, is one of them.
    """

    says: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Part:
    """A setting that is an object: one of the classes of `CLASSES` under this name.

    Attributes:
        name: which.
        partial: the class is called later, with what the file does not know.
    """

    name: str
    partial: bool = False


Settings = Mapping[str, "Rule | Part"]


def number(low: float, high: float) -> Rule:
    """A number in a range, the ends included; infinities and NaN are in none."""
    return Rule(
        f"a number from {low:g} to {high:g}", lambda value: type(value) in {int, float} and low <= value <= high
    )


def whole(low: int, high: int) -> Rule:
    """A whole number in a range, the ends included."""
    return Rule(f"a whole number from {low} to {high}", lambda value: type(value) is int and low <= value <= high)


def choice(*values: Any) -> Rule:
    """One of some values, and of its type: 1 is not true."""
    return Rule(
        " or ".join(repr(value) for value in values),
        lambda value: any(type(value) is type(each) and value == each for each in values),
    )


def optional(rule: Rule) -> Rule:
    """A value or nothing."""
    return Rule(f"{rule.says}, or null", lambda value: value is None or rule.holds(value))


def several(rule: Rule, most: int) -> Rule:
    """A list of at most so many values."""
    return Rule(
        f"a list of at most {most}, each {rule.says}",
        lambda value: type(value) is list and len(value) <= most and all(map(rule.holds, value)),
    )


def table(**rules: Rule) -> Rule:
    """A dictionary with some of these keys."""
    return Rule(
        "settings among " + ", ".join(f"{name} ({rule.says})" for name, rule in rules.items()),
        lambda value: type(value) is dict and all(name in rules and rules[name].holds(value[name]) for name in value),
    )


LONGEST_NAME = 64
"""Characters of an encoder's name; timm's longest model name has 58."""
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

CLASSES: Mapping[str, Mapping[str, Settings]] = {
    "model": {
        "ocr.models.DBNet": {
            "encoder": Part("encoder"),
            "decoder": Part("decoder", partial=True),
            "head": Part("head", partial=True),
            "channels_last": FLAG,
        }
    },
    "encoder": {
        "ocr.models.TimmEncoder": {
            "name": ENCODER_NAME,
            "pretrained": choice(False),  # the weights are in the file
            "strides": several(whole(1, 128), most=8),
            "options": optional(ENCODER_OPTIONS),
        }
    },
    "decoder": {"ocr.models.FPN": CHANNELS, "ocr.models.FPNASF": CHANNELS, "ocr.models.UNet": CHANNELS},
    "head": {"ocr.models.DBHead": {"k": number(0, 10_000)}},
    "loss": {
        "ocr.losses.db.DBLoss": {
            **dict.fromkeys(("alpha", "beta", "dice_weight", "negative_ratio"), number(0, 1e6)),
            "eps": number(1e-12, 1),
        }
    },
    "targets": {
        "ocr.targets.db.DBTargetBuilder": {
            **dict.fromkeys(("shrink_ratio", "thresh_min", "thresh_max"), number(0, 1)),
            "min_text_size": number(0, 1000),
        }
    },
    "transform": {
        "ocr.data.geometry_transforms.FitLongSide": {"long_side": whole(1, 8192), "multiple": whole(1, 1024)}
    },
    "postprocess": {
        "ocr.postprocess.db.DBPostprocessor": {
            "mode": choice("polygon", "box", "upright"),
            "binary_thresh": number(0, 1),
            "box_thresh": number(0, 1),
            "unclip_ratio": optional(number(0, 100)),
            "shrink_ratio": optional(number(0, 1)),
            "min_size": number(0, 1000),
            "max_candidates": whole(1, 100_000),
            "tolerance": number(0, 1000),
        }
    },
    "evaluator": {"ocr.metrics.DetectionEvaluator": {"iou_thresholds": several(number(0, 0.99), most=100)}},
}
"""By the section or setting that describes an object: the classes that may stand there, and their settings."""

VALUES: Mapping[str, Rule] = {
    "map_stride": whole(1, 32),
    "granularity": choice("word", "line"),
    "opset": optional(whole(1, 100)),
    "tuning": Rule(
        "a list of entries", lambda value: type(value) is list and all(type(each) is dict for each in value)
    ),
}
"""The sections that are plain values."""


KEPT = ("model", "loss", "targets", "postprocess", "evaluator")
"""Sections of a training's configuration that a checkpoint carries."""
KEPT_OF_DATA = ("transform", "granularity")
"""The same of its section ``data``."""


def sections_of(config: Any) -> dict[str, Any]:
    """What a checkpoint's configuration, which may be anything, sets by section; ``None`` for a missing one."""
    config = config if isinstance(config, dict) else {}
    data = config.get("data")
    of_data = data if isinstance(data, dict) else {}
    return {name: config.get(name) for name in KEPT} | {name: of_data.get(name) for name in KEPT_OF_DATA}


def faults(sections: Mapping[str, Any]) -> Iterator[str]:
    """What in a file's sections is not listed, each with its place, its value and what may stand there.

    Args:
        sections: all that the file sets, by name: a key of `CLASSES` or of `VALUES` each.
    """
    for name, value in sections.items():
        if name in VALUES:
            yield from rule_faults(name, value, VALUES[name])
        else:
            yield from part_faults(name, value, Part(name))


def rule_faults(place: str, value: Any, rule: Rule) -> Iterator[str]:
    """What is wrong with a plain value."""
    if not rule.holds(value):
        yield f"{place} is {shown(value)}; it must be {rule.says}"


def part_faults(place: str, described: Any, part: Part) -> Iterator[str]:
    """What is wrong with the description of an object."""
    classes = CLASSES[part.name]
    target = described.get("_target_") if type(described) is dict else described
    if type(described) is not dict or type(target) is not str or target not in classes:
        yield f"{place} is {shown(target)}; it must be a description of {' or '.join(classes)}"
        return
    if described.get("_partial_", False) is not part.partial:
        yield f"{place}._partial_ is {shown(described.get('_partial_'))}; it must be {part.partial}"
    rules = classes[target]
    for name, value in described.items():
        if name in {"_target_", "_partial_"}:
            continue
        rule = rules.get(name) if type(name) is str else None
        if rule is None:
            yield f"{place} has {shown(name)}, which is {shown(value)}; it must be one of {', '.join(rules)}"
        elif isinstance(rule, Part):
            yield from part_faults(f"{place}.{name}", value, rule)
        else:
            yield from rule_faults(f"{place}.{name}", value, rule)


def shown(value: Any) -> str:
    """A value for a message, shortened: plain values as they are, of others the type."""
    if value is None or type(value) in {bool, float}:
        return repr(value)
    if type(value) is int:
        return repr(value) if abs(value) < 10**30 else "a whole number of many digits"
    return repr(value[:80]) if type(value) is str else f"a {type(value).__name__}"
