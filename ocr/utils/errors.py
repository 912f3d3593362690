"""What is wrong with what the user gave."""

from __future__ import annotations

from ocr.utils.printable import printable

IN_WORKER = "Original Traceback (most recent call last):\n"
"""What torch puts, with all that follows, into the message of an error that a loader's worker raised."""
LONGEST = 4000
"""Characters of a line that a message has."""


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
        return "\n".join(printable(shortened(str(line))) for line in self.args)


def shortened(line: str) -> str:
    """A line that a terminal can show: a library's message may quote all that a server or a file holds."""
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} [...] {line[-LONGEST // 2 :]}"
