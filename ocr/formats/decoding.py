"""JSON of other formats as msgspec's types, however it was written."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from ocr.utils.lenient_json import standard

T = TypeVar("T")


def decoded(content: bytes, kind: type[T]) -> T:
    """Decode JSON, leniently where a strict reader does not take it (`standard`).

    Raises:
        msgspec.DecodeError, UnicodeDecodeError, RecursionError: it is none, has another form, is nested too deeply.
    """
    try:
        return msgspec.json.decode(content, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        try:
            content = standard(content)
        except ValueError:
            raise error from None
    return msgspec.json.decode(content, type=kind, strict=False)
