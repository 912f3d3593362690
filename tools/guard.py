"""What ends the processes of a command where the program that started it is killed, and cannot."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator

ENDS_ALL = """
read -r never
for process in /proc/[0-9]*; do
  grep -qzxF "$1" "$process/environ" 2>/dev/null && kill -KILL "${process#/proc/}"
done
"""
"""Reads from a pipe that closes when its other end, the program, is gone."""


@contextlib.contextmanager
def guard(mark: str) -> Iterator[None]:
    """While the block runs, let a shell watch over this process: where it is killed, all that have the mark are killed.

    Without ``/proc`` nothing is.

    Args:
        mark: environment entry that all processes of a command have.
    """
    shell = subprocess.Popen(
        ["sh", "-c", ENDS_ALL, "guard", mark],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath},  # none of the marks: it is to outlive what has one
        start_new_session=True,
    )
    try:
        yield
    finally:
        shell.kill()
        shell.communicate()
