"""Build the parts of a stored network, with changes from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocr.types import InputError
from ocr.utils.errors import missing_package
from ocr.weights.kinds import KIND, KINDS, TASKS, build
from ocr.weights.recognition import SEQUENCES


def described(part: str, settings: Mapping[str, Any], path: str) -> Any:
    """Build the part that a file describes.

    Args:
        part: a section of `ocr.weights.kinds.KINDS`.
        settings: its description from `load_stored`, with any changes.
        path: the file.

    Raises:
        InputError: it cannot be built with these settings.
    """
    try:
        return build(part, settings)
    except ModuleNotFoundError as error:
        raise missing_package(error) from error
    except Exception as error:  # a class may raise anything for its settings
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{path}: its {part} {settings[KIND]!r} cannot be made as described: {reason}") from error


def resize_of(transform: Mapping[str, Any], long_side: int | None, path: str) -> Any:
    """The resize that a network was validated with, at another size if one is given."""
    return described("transform", transform if long_side is None else {**transform, "long_side": long_side}, path)


def changed_postprocess(kept: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The stored settings of a postprocess, updated by the changes that are not ``None``.

    Another ``kind`` of the same task may be chosen; it keeps the settings that both have.

    Raises:
        InputError: the postprocess does not have a changed setting, or the task does not have the kind.
    """
    changes = dict(changes)
    kept = of_kind(kept, changes.pop(KIND, None) or kept[KIND])
    known = KINDS["postprocess"][kept[KIND]].settings
    for name, value in changes.items():
        if name not in known and value is not None:
            raise InputError(f"{name}: the postprocess {kept[KIND]!r} has no such setting; it has {', '.join(known)}")
    changed = {str(key): value for key, value in changes.items() if value is not None}
    if "shrink_ratio" in changed:
        changed.setdefault("unclip_ratio", None)  # the requested setting overrides the trained one
    return {**kept, **changed}


def of_kind(kept: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The settings of a postprocess as another kind for the same network, with those that both have.

    Raises:
        InputError: the network cannot have the kind.
    """
    kinds = next(parts["postprocess"] for parts in TASKS.values() if kept[KIND] in parts["postprocess"])
    kinds = {name: each for name, each in kinds.items() if (name in SEQUENCES) == (kept[KIND] in SEQUENCES)}
    if kind not in kinds:
        raise InputError(f"postprocess={kind}: this network's postprocess is {' or '.join(kinds)}; choose among these")
    return {KIND: kind, **{name: value for name, value in kept.items() if name in kinds[kind].settings}}
