"""What the tests' own Docker daemon needs of the disk, and what becomes of it when they are killed."""

import contextlib
import fcntl
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from containers import LOCK, PREFIX, MissingError, check_disk, remove_leftovers
from patience import PATIENCE_S


def test_leftovers_of_killed_tests_are_removed_and_what_runs_is_not(tmp_path: Path) -> None:
    killed, reused, running, others = (tmp_path / name for name in (f"{PREFIX}a", f"{PREFIX}b", f"{PREFIX}c", "d"))
    for folder in (killed, reused, running, others):
        (folder / "root").mkdir(parents=True)
        (folder / LOCK).touch()
    with contextlib.ExitStack() as stack:
        fcntl.flock(stack.enter_context((running / LOCK).open()), fcntl.LOCK_EX)
        sleeping = [sys.executable, "-c", "import time; print(flush=True); time.sleep(1e6)"]
        processes = []
        for folder, argument in ((killed, str(killed)), (reused, "another program")):
            process = subprocess.Popen([*sleeping, argument], stdout=subprocess.PIPE)
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout is not None
            process.stdout.readline()  # it has its command line
            (folder / "pid").write_text(str(process.pid))
            processes.append(process)
        remove_leftovers(tmp_path)
        assert sorted(tmp_path.iterdir()) == sorted([running, others])
        daemon, stranger = processes
        assert daemon.wait(timeout=PATIENCE_S) == -signal.SIGTERM
        assert stranger.poll() is None


def test_a_full_disk_is_reported_before_anything_is_built(tmp_path: Path) -> None:
    check_disk(Path("/"), need_gb=0)
    message = f"{re.escape(str(tmp_path))}: .* GB are free, the images need 1000000: .*DOCKER_TEST_ROOT="
    with pytest.raises(MissingError, match=message):
        check_disk(tmp_path, need_gb=1_000_000)
