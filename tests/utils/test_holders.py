"""Who holds a lock, and that nobody else is signalled."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocr.utils.errors import InputError
from ocr.utils.holders import is_locked, is_written, lock_holder, signal_holder, stopping_holder
from ocr.utils.runs import hold

HOLDER = r"""
import os, sys, time
from pathlib import Path
from ocr.utils.runs import hold
lock = hold(Path(sys.argv[1]))
child = os.fork()  # inherits the open file, as the workers of a training do
os.write(1, b"held\n" if child else b"child\n")  # in one write: print may take two, with the other's between them
time.sleep(1000)
"""
WRITER = """
import sys, time
file = open(sys.argv[1], "a")
print(flush=True)
time.sleep(1000)
"""
LOOKER = """
import sys
from pathlib import Path
from ocr.utils.holders import is_locked
print(is_locked(Path(sys.argv[1])), flush=True)
while True:
    is_locked(Path(sys.argv[1]))
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A file, and a process that holds its lock and has a child that inherited it."""
    path = tmp_path / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert {process.stdout.readline(), process.stdout.readline()} == {"held\n", "child\n"}
        yield path, process
        os.killpg(process.pid, signal.SIGKILL)


def test_the_holder_is_the_process_that_took_the_lock(held: tuple[Path, subprocess.Popen[str]]) -> None:
    path, process = held
    assert is_locked(path)
    assert lock_holder(path) == process.pid
    assert signal_holder(path, signal.SIGTERM) == process.pid
    assert process.wait() == -signal.SIGTERM
    # The child has the file open and is not the holder: it is not asked to save what it does not have.
    with pytest.raises(InputError, match="cannot be seen from here"):
        signal_holder(path, signal.SIGTERM)


def test_a_holder_that_was_asked_to_end_is_told_from_one_that_was_not(held: tuple[Path, subprocess.Popen[str]]) -> None:
    path, process = held
    assert stopping_holder(path) is None
    assert stopping_holder(path, asked=process.pid + 1) is None
    assert stopping_holder(path, asked=process.pid) == process.pid
    process.send_signal(signal.SIGSTOP)  # so that the next signal stays pending
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    process.send_signal(signal.SIGTERM)
    assert stopping_holder(path) == process.pid
    process.send_signal(signal.SIGCONT)
    process.wait()
    assert stopping_holder(path, asked=process.pid) is None


def test_nobody_holds_a_file_that_is_only_open(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    assert not is_locked(path)  # there is none
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; f = open(sys.argv[1], 'a'); print(flush=True); time.sleep(1000)",
            path,
        ],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert is_written(path)
        assert not is_locked(path)
        assert lock_holder(path) is None
        with pytest.raises(InputError, match="no process holds it"):
            signal_holder(path, signal.SIGKILL)
        assert process.poll() is None
        process.kill()
    assert not is_written(path)


def test_looking_keeps_nobody_from_taking_the_lock(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    path.touch()
    with subprocess.Popen([sys.executable, "-c", LOOKER, path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"False\n"
            for _ in range(100):
                lock = hold(path)
                assert lock is not None
                os.close(lock)
        finally:
            process.kill()
