"""Errors in the user's input, and their messages."""

from __future__ import annotations

import errno

from ocr.utils.printable import printable

IN_WORKER = "Original Traceback (most recent call last):\n"
"""Begins the traceback that torch adds to the message of an error raised in a loader worker."""
LONGEST = 4000
"""Maximum characters per line of a message."""

EXTRAS = {
    **dict.fromkeys(("torch", "timm", "safetensors"), ("setup", "torch")),
    **dict.fromkeys(("onnx", "onnxruntime", "onnxscript"), ("setup-export", "export")),
    "pi_heif": ("setup", "heic"),
    **dict.fromkeys(("fastapi", "fastapi_offline", "prometheus_client", "uvicorn"), ("setup-serve", "serve")),
    "streamlit": ("setup-console", "console"),
}
"""By optional package: the Make target and the extra that install it."""
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
    """The user's input is wrong; the message names it and the remedy. Runners show it without a traceback.

    Args:
        lines: the message, one string per line. Names in it may contain anything and are made `printable`, so that
            each stays on one line.
    """

    def __init__(self, *lines: str) -> None:
        (first, *_) = lines or ("",)
        if IN_WORKER in first:  # the worker's own message is at the end, after the class name
            lines = tuple(first.partition(IN_WORKER)[2].partition(f"{type(self).__name__}: ")[2].splitlines())
        super().__init__(*lines)

    def __str__(self) -> str:
        """The message."""
        return "\n".join(printable(shortened(str(line))) for line in self.args)


def shortened(line: str) -> str:
    """Shorten a line for the terminal: a library's message may quote a whole file or server response."""
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} [...] {line[-LONGEST // 2 :]}"


def missing_package(error: ModuleNotFoundError) -> Exception:
    """The message for a missing optional package; the error itself for any other package."""
    name = (error.name or "").partition(".")[0]
    if name not in EXTRAS:
        return error
    target, extra = EXTRAS[name]
    return InputError(
        f"{name} is not installed: in the checkout run `make {target}` or, for the package, pip install '.[{extra}]'"
    )


def unusable_place(error: Exception) -> str | None:
    """The message if the system refuses access to a file or folder; ``None`` for any other error."""
    if isinstance(error, OSError) and error.errno in NO_ACCESS and error.filename is not None:
        where = printable(str(error.filename))
        return f"{where}: cannot be used ({error.strerror}); fix its permissions, free some space or choose another"
    if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop"):  # pathlib's, before Python 3.13
        return f"{printable(str(error))}: it cannot be used; remove it or choose another place"
    return None
