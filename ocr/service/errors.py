"""Why a request is not answered with a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LENGTHS = {"min_length": "at least", "max_length": "at most"}
"""Limits of a text's length in words."""


@dataclass(eq=False)
class RequestError(Exception):
    """A request that is refused or failed.

    Attributes:
        status: of the response.
        detail: what is wrong, and what to do.
        headers: of the response.
    """

    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def later(cls, status: int, detail: str, seconds: int = 1) -> RequestError:
        """A problem that is over after some seconds."""
        return cls(status, f"{detail}; try again in {seconds} s", {"Retry-After": str(seconds)})


def wrong_option(error: Mapping[str, Any], known: Sequence[str]) -> str:
    """What is wrong with an option of a query, and what to give instead.

    Args:
        error: as pydantic describes it.
        known: the options that there are.
    """
    name, given, limits = error["loc"][-1], error.get("input"), error.get("ctx", {})
    if error["type"] == "extra_forbidden":
        return f"{name}: unknown option; known options: {', '.join(known)}"
    if "expected" in limits:
        return f"{name}={given}: must be {limits['expected']}"
    if lengths := [f"{what} {limits[key]}" for key, what in LENGTHS.items() if key in limits]:
        return f"{name}: has {len(str(given))} characters; give {lengths[0]}"
    return f"{name}: {error['msg']}"
