"""Runs first in every interpreter of a proof, as ``sitecustomize``: notes lines that are run, sends a signal in time.

``PROVE_LINES`` names a JSON file ``{"files": [...], "log": ...}``: each line of those files that is run is written to
the log once a process, as ``<file>:<line>``, and each function that is entered as ``<file>><its first line>``.
``PROVE_SIGNAL`` is ``<number> <glob>``: this process gets that signal when it first opens a file whose path matches.
Standard library only, nothing of ours.
"""

from __future__ import annotations

import fnmatch
import json
import os
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

LINES, SIGNAL = "PROVE_LINES", "PROVE_SIGNAL"
ENOUGH = 5000
"""Calls of a function that are followed line by line in a process: what is left then is not going to be run."""


def note_lines(files: frozenset[str], log: str) -> None:
    """Follow the code of some files in this thread, in those to come and in forked processes."""
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)  # written at once: a worker may end without a goodbye
    left: dict[CodeType, set[int]] = {}
    calls: dict[CodeType, int] = {}

    def line(frame: FrameType, event: str, _: Any) -> Any:
        ahead = left[frame.f_code]
        if event == "line" and frame.f_lineno in ahead:
            ahead.discard(frame.f_lineno)
            os.write(out, f"{frame.f_code.co_filename}:{frame.f_lineno}\n".encode())
        return line if ahead else None

    def called(frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if code.co_filename not in files:
            return None
        if code not in left:
            left[code] = {number for _, _, number in code.co_lines() if number}
            calls[code] = 0
            os.write(out, f"{code.co_filename}>{code.co_firstlineno}\n".encode())
        calls[code] += 1
        return line(frame, event, argument) if left[code] and calls[code] < ENOUGH else None

    threading.settrace(called)
    sys.settrace(called)


def send_signal(number: int, pattern: str) -> None:
    """Let the process get a signal when it opens a file: at the same place in every run, whatever the clock says."""
    sent: list[int] = []

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not sent and fnmatch.fnmatch(os.fsdecode(str(arguments[0])), pattern):
            sent.append(number)
            os.kill(os.getpid(), number)

    sys.addaudithook(heard)


def start() -> None:
    """What the environment asks for."""
    if LINES in os.environ:
        asked = json.loads(Path(os.environ[LINES]).read_text(encoding="utf-8"))
        note_lines(frozenset(asked["files"]), asked["log"])
    if SIGNAL in os.environ:
        number, _, pattern = os.environ[SIGNAL].partition(" ")
        send_signal(int(number), pattern)


if "PROVE_STARTER" not in os.environ:  # the starter's children ask for it, each for itself
    start()
