"""What is wrong with what the user gave."""

from __future__ import annotations

from ocr.utils.printable import printable

IN_WORKER = "Original Traceback (most recent call last):\n"
"""What torch puts, with all that follows, into the message of an error that a loader's worker raised."""


class InputError(ValueError):
    """Something that the user gave is wrong; the message names it and says what to do. Runners show it bare.

    Args:
        lines: the message, a line each. What it names may be called anything: in a message it is `printable`, so that
            a line stays one.
    """

    def __init__(self, *lines: str) -> None:
        (first, *_) = lines or ("",)
        if IN_WORKER in first:  # the worker's own message is at the end, behind the class's name
            lines = tuple(first.partition(IN_WORKER)[2].partition(f"{type(self).__name__}: ")[2].splitlines())
        super().__init__(*lines)

    def __str__(self) -> str:
        """The message."""
        return "\n".join(printable(str(line)) for line in self.args)
