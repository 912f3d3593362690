"""The formats of a result by their names and media types, and which of them a client accepts."""

from __future__ import annotations

from collections.abc import Iterator

from ocr.service.errors import RequestError

MEDIA_TYPES = {
    "json": ("application/json",),
    "text": ("text/plain",),
    "hocr": ("text/vnd.hocr+html", "application/xhtml+xml", "text/html"),
    "alto": ("application/xml", "text/xml", "application/alto+xml"),
    "pdf": ("application/pdf",),
}
"""By format the media types that ask for it; the first is that of the response."""


def media_type(kind: str) -> str:
    """The ``Content-Type`` of a format."""
    (first, *_) = MEDIA_TYPES[kind]
    return first if first.endswith(("json", "pdf")) else f"{first}; charset=utf-8"


def accepted(header: str | None) -> str:
    """The format that an ``Accept`` header prefers (RFC 9110, 12.5.1); without one, and for ``*/*``, JSON.

    Raises:
        RequestError: 406, it accepts none.
    """
    ranges = dict(weighted(header or "*/*"))
    weights = {kind: max(weight(ranges, each) for each in types) for kind, types in MEDIA_TYPES.items()}
    best = max(weights, key=lambda kind: weights[kind])  # of equals the first
    if weights[best] <= 0:
        every = ", ".join(types[0] for types in MEDIA_TYPES.values())
        raise RequestError(406, f"Accept asks for none of {every}; ask for one of them, or give format=")
    return best


def weighted(header: str) -> Iterator[tuple[str, float]]:
    """The media ranges of an ``Accept`` header and their weights, 0 to 1; what is not a number counts as 0."""
    for part in header.split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        (weight, *_) = [each[2:] for each in parameters if each.startswith("q=")] or ["1"]
        try:
            yield name, min(max(float(weight), 0.0), 1.0)
        except ValueError:
            yield name, 0.0


def weight(ranges: dict[str, float], media: str) -> float:
    """The weight of a media type: that of the most specific range which covers it."""
    covering = (media, f"{media.partition('/')[0]}/*", "*/*")
    return next((ranges[each] for each in covering if each in ranges), 0.0)
