"""Start a runner as a process of its own, and see from its log how far it is.

As with trainings (`ocr.pipeline.launching`), whether it runs is asked of the kernel: a process has its log open.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from ocr.pipeline.run_files import TAIL, read_text
from ocr.types import InputError
from ocr.utils.arguments import quoted
from ocr.utils.holders import is_written, signal_writer
from ocr.utils.path_utils import REPOSITORY_ROOT

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What rich writes to a terminal beside text."""
PERCENT = re.compile(r"(\d{1,3})%")
CANCELLED = "cancelled"
"""Name of the empty file beside the log of a process that was cancelled."""


def start_job(runner: str, log: Path, settings: Sequence[str], cwd: Path) -> None:
    """Start a runner that outlives this program and prints to a log, which is replaced.

    Args:
        runner: its name (``check``).
        log: the file; its folder is created.
        settings: as on the command line.
        cwd: folder to which paths in them are relative.

    Raises:
        InputError: such a job is running, this is no checkout, or the log cannot be written.
    """
    program = REPOSITORY_ROOT / "runners" / f"{runner}.py"
    if not program.exists():
        raise InputError(f"{program}: this is started from a checkout of the repository; this is none")
    if is_running(log):
        raise InputError(f"{log}: a process is writing it; wait until it ends")
    log.with_name(CANCELLED).unlink(missing_ok=True)
    # rich shows how far it is only where it believes to write to a terminal
    environment = {**os.environ, "COLUMNS": "100", "FORCE_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    detach([sys.executable, str(program), *settings], log, cwd, environment, mode="wb")


def detach(
    command: Sequence[str], log: Path, cwd: Path, environment: Mapping[str, str], *, mode: Literal["ab", "wb"]
) -> None:
    """Start a program in a session of its own, so that it outlives this one, whatever ends it.

    Args:
        command: program and arguments.
        log: gets what it prints; its folder is created.
        cwd: where it runs.
        environment: of the program.
        mode: whether the log is continued or replaced.

    Raises:
        InputError: the log cannot be written, or the program not started.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        stream = log.open(mode)
    except OSError as error:
        raise InputError(f"{log}: cannot be written ({error.strerror}); check the folder and its space") from error
    with stream:
        try:
            process = subprocess.Popen(
                command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise InputError(
                f"{command[0]}: cannot be started in {cwd} ({error.strerror}); check that both exist"
            ) from error
    threading.Thread(target=process.wait, daemon=True).start()  # leaves no zombie while this program runs


def is_running(log: Path) -> bool:
    """Whether the process that prints to a log runs."""
    return is_written(log)


def cancel_job(log: Path) -> int:
    """Ask the process that prints to a log to end, with SIGTERM.

    Returns:
        Its process id.

    Raises:
        InputError: it has ended, or cannot be signalled from here.
    """
    log.with_name(CANCELLED).touch()  # before it ends, so that nobody takes what it leaves for the whole result
    return signal_writer(log, signal.SIGTERM)


def was_cancelled(log: Path) -> bool:
    """Whether the process that prints to a log, or the last that did, was cancelled."""
    return log.with_name(CANCELLED).exists()


def share_done(log: Path) -> float:
    """How far the bar of progress at the end of a log is, 0 to 1; 0 if there is none yet."""
    found = PERCENT.findall(CONTROL.sub("", read_text(log, TAIL)))
    return min(int(found[-1]), 100) / 100 if found else 0.0


def last_words(log: Path, lines: int = 20) -> str:
    """The last lines of a log, bars of progress as they stood last; that there are none, if so."""
    text = CONTROL.sub("", read_text(log, TAIL)).replace("\r\n", "\n")
    shown = [line.rsplit("\r", 1)[-1].rstrip() for line in text.split("\n")]
    return "\n".join([line for line in shown if line][-lines:]) or "it was ended before it said anything"


def setting(key: str, value: object) -> str:
    """A setting whose value is text, whatever characters it has."""
    return quoted(f"{key}={value}", (key,))
