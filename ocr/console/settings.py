"""The settings of the console."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from ocr.types import InputError
from ocr.utils.addresses import is_loopback
from ocr.utils.limits import check_settings


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """Where the console listens, and what it shows.

    Attributes:
        host: address to listen on.
        port: 0 to 65535; 0: any free one.
        without_key: listen to other machines, all of which can then start programs here.
        runs: folder of the runs.
        data: data set that is shown first.
    """

    host: str = "127.0.0.1"
    port: int = 8501
    without_key: bool = False
    runs: str = "outputs"
    data: str = "data"

    def check(self) -> None:
        """Check what can be checked before any work.

        Raises:
            InputError: a setting is out of range, or other machines could use the console unasked.
        """
        check_settings({"port": self.port, "without_key": self.without_key})
        if not (self.without_key or is_loopback(self.host)):
            raise InputError(
                f"host={self.host}: whoever reaches the console can start programs on this machine; forward the port "
                "instead (ssh -L 8501:127.0.0.1:8501), or give without_key=true where something else keeps others away"
            )

    def as_argument(self) -> str:
        """The settings as an argument of the pages' script."""
        return json.dumps(asdict(self))

    @classmethod
    def from_argument(cls, argument: str) -> ConsoleSettings:
        """The settings that `as_argument` wrote."""
        return cls(**json.loads(argument))
