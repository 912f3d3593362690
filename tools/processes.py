"""Run a command in its own session, with its output in a file, and measure it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr.types import InputError
from ocr.utils.interruption import STOP_SIGNALS, Stopped, pending_stop
from tools.load import processor_times, share_of_others

POLL_S = 0.002
KIBIBYTE = 1024
MARK = "OCR_VALIDATION_COMMAND"
"""Environment variable that marks all processes of a command."""
ENDS_ALL = """
read -r never
for process in /proc/[0-9]*; do
  grep -qzxF "$1" "$process/environ" 2>/dev/null && kill -KILL "${process#/proc/}"
done
"""
"""Reads from a pipe, which closes when the program at its other end ends."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished command.

    Attributes:
        status: what a shell shows: the exit status, or 128 + the signal that ended it.
        seconds: wall time.
        peak_memory: resident bytes of its largest process; at least those of this program when it started the command,
            since the kernel counts from the fork on.
        timed_out: whether it was killed at its time limit.
        others: share of the CPU time that other programs used meanwhile, between 0 and 1; ``None`` if unknown.
        cpu: CPU seconds, including those of the children that it waited for.
    """

    status: int
    seconds: float
    peak_memory: int
    timed_out: bool = False
    others: float | None = None
    cpu: float = 0.0


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    stdout: Path,
    stderr: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 3600.0,
    tick: Callable[[], None] = lambda: None,
) -> Finished:
    """Run a command to its end and leave none of its processes behind.

    Args:
        command: program and arguments.
        cwd: where it runs.
        stdout: file that gets its output.
        stderr: file that gets its error output; ``None``: the same file.
        env: environment entries in addition to this process's.
        timeout_s: seconds after which it is killed.
        tick: called about a hundred times a second while it runs.

    Raises:
        Stopped: a signal asked this program to end; the command was killed.
    """
    mark = f"{MARK}={uuid.uuid4().hex}"
    with stdout.open("wb") as out, stderr.open("wb") if stderr else contextlib.nullcontext() as err, guard(mark):
        started, before = time.perf_counter(), processor_times()
        streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err or subprocess.STDOUT}
        process = start(command, cwd, env or {}, mark, streams)
        timed_out = False
        try:
            while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
                if time.perf_counter() - started > timeout_s and not timed_out:
                    timed_out = True
                    end_all(process.pid, mark)
                if signum := pending_stop():
                    raise Stopped(signum)
                tick()
                time.sleep(POLL_S)
        except BaseException:
            end_all(process.pid, mark)
            process.wait()
            raise
        seconds = time.perf_counter() - started
        end_all(process.pid, mark)
    _, wait_status, usage = ended
    cpu = usage.ru_utime + usage.ru_stime
    own_ticks = cpu * os.sysconf("SC_CLK_TCK")
    others = share_of_others(before, processor_times(), own_ticks)
    code = os.waitstatus_to_exitcode(wait_status)
    process.returncode = code  # it has been waited for: Popen shall not look for it
    return Finished(code if code >= 0 else 128 - code, seconds, usage.ru_maxrss * KIBIBYTE, timed_out, others, cpu)


class Answering:
    """A program that answers each line of JSON with one, until it is closed.

    Args:
        command: program and arguments.
        cwd: where it runs.
        stderr: file that gets its error output.
        env: environment entries beside this process's own.
    """

    def __init__(self, command: Sequence[str | Path], cwd: Path, stderr: Path, env: Mapping[str, str]) -> None:
        self._mark = f"{MARK}={uuid.uuid4().hex}"
        self._stderr = stderr
        self._guard = contextlib.ExitStack()
        self._guard.enter_context(guard(self._mark))
        with stderr.open("wb") as err:
            streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": err}
            self._process = start(command, cwd, env, self._mark, streams)

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Send a question, wait for the answer.

        Raises:
            InputError: the program has ended.
        """
        answer = ""
        if self._process.stdin and self._process.stdout:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(question) + "\n")
                self._process.stdin.flush()
                answer = self._process.stdout.readline()
        if not answer:
            raise InputError(f"a program that runs the jobs has ended; see {self._stderr}")
        return dict(json.loads(answer))

    def close(self) -> None:
        """Kill it and every process that it has started."""
        end_all(self._process.pid, self._mark)
        self._process.wait()
        self._guard.close()


def start(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str], mark: str, streams: Mapping[str, Any]
) -> subprocess.Popen[str]:
    """Start a command in a session of its own, with an environment entry that all its processes have."""
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **env, MARK: mark.partition("=")[2]},
        text=True,
        start_new_session=True,
        preexec_fn=as_from_a_shell,  # noqa: PLW1509 - it makes two system calls
        **streams,
    )


def as_from_a_shell() -> None:
    """In the new process: reset SIGINT and SIGTERM to their state in a program started from a terminal."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    for signum in STOP_SIGNALS:
        signal.signal(signum, signal.SIG_DFL)


def end_all(leader: int, mark: str) -> None:
    """Kill the remaining processes of a command: its session and, if ``/proc`` exists, those in other sessions.

    Args:
        leader: the command's process.
        mark: environment entry that all of them have.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (path / "environ").read_bytes().split(b"\0"):
                os.kill(int(path.name), signal.SIGKILL)


@contextlib.contextmanager
def guard(mark: str) -> Iterator[None]:
    """While the block runs, let a shell watch this process; if it is killed, kill all marked processes.

    Without ``/proc``, nothing is killed.

    Args:
        mark: environment entry that all processes of a command have.
    """
    shell = subprocess.Popen(
        ["sh", "-c", ENDS_ALL, "guard", mark],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath},  # without any mark: it must outlive the marked processes
        start_new_session=True,
    )
    try:
        yield
    finally:
        shell.kill()
        shell.communicate()


def last_lines(path: Path, count: int) -> list[str]:
    """The last non-blank lines of a log, without text that a progress bar has overwritten."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    lines = [line.rsplit("\r", 1)[-1].rstrip() for line in text.rstrip().split("\n")]
    return [line for line in lines if line][-count:]
