"""Check and build the parts that a weights file names.

A file contains ``{"kind": "dbnet", "encoder": {"kind": "timm", ...}, ...}``: names from the tables of
`ocr.weights.detection`, `ocr.weights.recognition` and `ocr.weights.extraction`, never a class or a module, so that
classes can move and a file cannot reach any others. Files are not trusted. They choose among the listed kinds, within
the listed ranges, and set nothing else: no URL, no path, nothing that is downloaded or looked up, no size that exhausts
memory. To store custom code in a file, add it to the tables.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from ocr.weights import detection, extraction, recognition
from ocr.weights.rules import Kind, Part, Rule, choice, optional, shown, whole

TASKS: Mapping[str, Mapping[str, Mapping[str, Kind]]] = {
    "detection": detection.KINDS,
    "recognition": recognition.KINDS,
    "extraction": extraction.KINDS,
}
"""The allowed kinds of each task."""
KINDS: Mapping[str, Mapping[str, Kind]] = {
    part: {name: kind for kinds in TASKS.values() for name, kind in kinds.get(part, {}).items()}
    for part in dict.fromkeys(part for kinds in TASKS.values() for part in kinds)
}
"""The kinds of all tasks, whose names differ."""

KIND = "kind"
"""Key of a part's name."""
TARGET, PARTIAL = "_target_", "_partial_"
"""The keys used instead in configurations, and in files written before parts had names."""

VALUES: Mapping[str, Rule] = {
    "task": choice(*TASKS),
    "map_stride": whole(1, 32),
    "granularity": choice("word", "line"),
    "opset": optional(whole(1, 100)),
    "tuning": Rule(
        "a list of entries", lambda value: type(value) is list and all(type(each) is dict for each in value)
    ),
}
"""The sections with plain values."""


KEPT = ("targets", "loss", "postprocess", "evaluator", "model")
"""Sections of the training configuration that a checkpoint carries."""
KEPT_OF_DATA = ("granularity", "transform")
"""Settings of its section ``data`` that a checkpoint carries."""


def sections_of(config: Any) -> dict[str, Any]:
    """The stored sections of an unchecked configuration; ``None`` for a missing section."""
    config = config if isinstance(config, dict) else {}
    data = config.get("data")
    of_data = data if isinstance(data, dict) else {}
    sections = {name: config.get(name) for name in KEPT} | {name: of_data.get(name) for name in KEPT_OF_DATA}
    return {"task": config.get("task", "detection"), **named_sections(sections)}


def config_of(sections: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `sections_of`."""
    data = {name: sections[name] for name in KEPT_OF_DATA}
    return {"task": sections["task"], **{name: sections[name] for name in KEPT}, "data": data}


def named_sections(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the parts of all sections from classes to names (`named`)."""
    return {name: named(value, Part(name)) if name in KINDS else value for name, value in sections.items()}


def named(described: Any, part: Part) -> Any:
    """Convert the description of a part from its class to its name; return anything else unchanged."""
    if type(described) is not dict or KIND in described:
        return described
    names = {path: name for name, kind in KINDS[part.name].items() for path in (kind.path, *kind.before)}
    target = described.get(TARGET)
    if type(target) is not str or target not in names or described.get(PARTIAL, False) is not part.partial:
        return described
    settings = KINDS[part.name][names[target]].settings
    inner = {name: rule for name, rule in settings.items() if isinstance(rule, Part)}
    kept = {name: value for name, value in described.items() if name not in {TARGET, PARTIAL}}
    return {KIND: names[target], **{n: named(value, inner[n]) if n in inner else value for n, value in kept.items()}}


def build(part: str, described: Mapping[str, Any], *, partial: bool = False) -> Any:
    """Build the object of a description that passed `faults`; for a partial part, return its factory."""
    settings = KINDS[part][described[KIND]].settings
    arguments = {
        name: build(rule.name, value, partial=rule.partial) if isinstance(rule := settings[name], Part) else value
        for name, value in described.items()
        if name != KIND
    }
    cls = class_of(part, described[KIND])
    return functools.partial(cls, **arguments) if partial else cls(**arguments)


def class_of(part: str, name: str) -> Any:
    """Import and return the class of a kind."""
    module, _, cls = KINDS[part][name].path.rpartition(".")
    return getattr(importlib.import_module(module), cls)


def faults(sections: Mapping[str, Any]) -> Iterator[str]:
    """Find the settings in a file's sections that are not allowed: place, value and what is allowed there.

    Args:
        sections: all settings of the file, each under a key of `KINDS` or of `VALUES`.
    """
    kinds = TASKS.get(task, KINDS) if type(task := sections.get("task")) is str else KINDS
    own = [
        fault
        for name, value in sections.items()
        for fault in (
            rule_faults(name, value, VALUES[name]) if name in VALUES else part_faults(name, value, Part(name), kinds)
        )
    ]
    yield from own or [*charset_faults(sections), *decoding_faults(sections)]


def charset_faults(sections: Mapping[str, Any]) -> Iterator[str]:
    """The parts of a recogniser whose charset is not the first one's: codes of one would be read as the other's."""
    charsets = {name: value["characters"] for name in KEPT[::-1] if "characters" in (value := sections.get(name) or {})}
    first, *others = charsets or [""]
    for name in others:
        here, there = charsets[name], charsets[first]
        if here != there:
            place = next((n for n, letter in enumerate(here) if there[n : n + 1] != letter), len(here))
            yield (
                f"{name}.characters has {len(here)} characters and {first}.characters {len(there)}, at character "
                f"{place + 1} {here[place : place + 1]!r} and {there[place : place + 1]!r}; it must be the same text"
            )


def decoding_faults(sections: Mapping[str, Any]) -> Iterator[str]:
    """A postprocess that cannot decode the network: positions of a text would be read as steps along a line."""
    model, postprocess = (sections.get(name) or {} for name in ("model", "postprocess"))
    if KIND not in model or KIND not in postprocess:
        return
    by_attention = model[KIND] == "attention-recognizer" and model.get("read", "attention") == "attention"
    if by_attention != (postprocess[KIND] in recognition.SEQUENCES):
        kinds = [name for name in recognition.KINDS["postprocess"] if (name in recognition.SEQUENCES) == by_attention]
        yield f"postprocess.kind is {postprocess[KIND]!r}; with this model it must be {' or '.join(kinds)}"


def rule_faults(place: str, value: Any, rule: Rule) -> Iterator[str]:
    """The faults of a plain value."""
    if not rule.holds(value):
        yield f"{place} is {shown(value)}; it must be {rule.says}"


def part_faults(
    place: str, described: Any, part: Part, tables: Mapping[str, Mapping[str, Kind]] = KINDS
) -> Iterator[str]:
    """The faults of an object's description, which must be one of a task's kinds."""
    kinds = tables[part.name]
    kind = described.get(KIND, described.get(TARGET)) if type(described) is dict else described
    if type(described) is not dict or type(kind) is not str or kind not in kinds:
        yield f"{place} is {shown(kind)}; it must be a description of kind {' or '.join(kinds)}"
        return
    rules = kinds[kind].settings
    for name, value in described.items():
        if name == KIND:
            continue
        rule = rules.get(name) if type(name) is str else None
        if rule is None:
            yield f"{place} has {shown(name)}, which is {shown(value)}; it must be one of {', '.join(rules)}"
        elif isinstance(rule, Part):
            yield from part_faults(f"{place}.{name}", value, rule, tables)
        else:
            yield from rule_faults(f"{place}.{name}", value, rule)
