"""Why a request is not answered with a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
