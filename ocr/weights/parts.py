"""The parts that a stored network describes, with what the command line changes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocr.types import InputError
from ocr.weights.detection import KINDS
from ocr.weights.kinds import KIND, build


def described(part: str, settings: Mapping[str, Any], path: str) -> Any:
    """The part that a file describes, its settings changed by those of the command line.

    Args:
        part: a section of `ocr.weights.detection.KINDS`.
        settings: what `load_stored` gave of it, and the changes.
        path: the file.

    Raises:
        InputError: it cannot be made with them.
    """
    try:
        return build(part, settings)
    except Exception as error:  # whatever a class says of its settings
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{path}: its {part} {settings[KIND]!r} cannot be made as described: {reason}") from error


def resize_of(transform: Mapping[str, Any], long_side: int | None, path: str) -> Any:
    """The resize that a network was validated with, at another size where one is given."""
    return described("transform", transform if long_side is None else {**transform, "long_side": long_side}, path)


def changed_postprocess(kept: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a training's postprocess, but for those of the changes that are not ``None``.

    Raises:
        InputError: a change is of no setting that it has.
    """
    known = KINDS["postprocess"][kept[KIND]].settings
    for name in changes:
        if name not in known:
            raise InputError(f"{name}: the postprocess {kept[KIND]!r} has no such setting; it has {', '.join(known)}")
    changed = {str(key): value for key, value in changes.items() if value is not None}
    if "shrink_ratio" in changed:
        changed.setdefault("unclip_ratio", None)  # what was asked for goes before what training had
    return {**kept, **changed}
