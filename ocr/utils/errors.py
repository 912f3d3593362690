"""What is wrong with what the user gave."""

from __future__ import annotations

import errno

from ocr.utils.printable import printable

IN_WORKER = "Original Traceback (most recent call last):\n"
"""What torch puts, with all that follows, into the message of an error that a loader's worker raised."""
LONGEST = 4000
"""Characters of a line that a message has."""

EXTRAS = {
    **dict.fromkeys(("torch", "timm", "safetensors"), ("setup", "torch")),
    **dict.fromkeys(("onnx", "onnxruntime", "onnxscript"), ("setup-export", "export")),
}
"""By package that part of the work needs: the Make target and the extra that bring it."""
NO_ACCESS = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENAMETOOLONG,
    errno.EIO,
    errno.ELOOP,
    errno.EISDIR,
    errno.ESTALE,
    errno.EFBIG,
    errno.EMFILE,
    errno.ENFILE,
    errno.EBUSY,
}


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


def missing_package(error: ModuleNotFoundError) -> Exception:
    """What to say where a package is missing that part of the work needs; the error itself where another one is."""
    name = (error.name or "").partition(".")[0]
    if name not in EXTRAS:
        return error
    target, extra = EXTRAS[name]
    return InputError(
        f"{name} is not installed: `make {target}` in a checkout, or pip install 'receipt-ocr[{extra}]', brings it"
    )


def unusable_place(error: Exception) -> str | None:
    """What to say where the system refuses a file or folder; ``None`` for any other error."""
    if isinstance(error, OSError) and error.errno in NO_ACCESS and error.filename is not None:
        where = printable(str(error.filename))
        return f"{where}: cannot be used ({error.strerror}); mend its permissions, make room or name another"
    if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop"):  # pathlib's, before Python 3.13
        return f"{printable(str(error))}: it cannot be used; remove it or name another place"
    return None
