"""Entry point of ``receipt-ocr``. Slow imports wait until the command is known."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
import warnings
from collections.abc import Iterable

from ocr.cli.parser import parsed
from ocr.utils.errors import InputError, missing_package, unusable_place
from ocr.utils.interruption import Stopped, hold_signals, raise_signals
from ocr.utils.limits import check_settings
from ocr.utils.printable import say


def main() -> int | str:
    """Run the command that was given.

    Returns:
        The argument for `sys.exit`: 0, the last message (status 1), or 128 + the signal that stopped the program. A
        usage error exits with status 2 before that.
    """
    arguments = parsed(sys.argv[1:])
    settings = vars(arguments)
    warnings.filterwarnings("ignore", module=r"PIL\.")  # about odd metadata, without the file's name
    if arguments.command in {"detect", "read"}:
        hold_signals()
    else:
        raise_signals()
    try:
        check_settings(settings)
        left: str = importlib.import_module(f"ocr.cli.{arguments.command}").run(arguments)
        return left or 0
    except Stopped as stop:
        again = shlex.join(["receipt-ocr", *sys.argv[1:], *(as_options(each, settings) for each in stop.again)])
        say(f"{stop}; start again with: {again}", error=True)
        return stop.exit_status
    except Exception as error:
        return as_options(last_message(error), settings)


def last_message(error: Exception) -> str:
    """The message for an error in the user's input.

    Raises:
        Exception: the error itself, if it is a bug in the program.
    """
    if isinstance(error, ModuleNotFoundError):
        error = missing_package(error)
    if isinstance(error, InputError):
        return f"{type(error).__name__}: {error}"
    place = unusable_place(error)
    if place is None:
        raise error
    return place


def as_options(text: str, names: Iterable[str]) -> str:
    """Rewrite the settings in a pipeline message as command-line options: ``overwrite=true`` is ``--overwrite``.

    Args:
        text: the message.
        names: names of the options, as stored.
    """

    def option(found: re.Match[str]) -> str:
        return f"--{found[1].replace('_', '-')}" + (" " if found[2] is None else "")

    return re.sub(rf"(?<![\w/.-])({'|'.join(names)})=(true\b|(?=[\s;,]|$))?", option, text)
