import os
import subprocess
import sys
from pathlib import Path

import pytest

from patience import wait_until
from tools import load
from tools.processes import run

BUSY = [sys.executable, "-c", "import os\nprint(flush=True)\nwhile os.getppid() == {}: pass"]


def test_the_kernels_columns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """User, nice, system, idle, iowait, irq, softirq, steal; a guest's time is in the user's already."""
    monkeypatch.setattr(load, "STAT", tmp_path / "stat")
    load.STAT.write_text("cpu  1 2 4 100 200 8 16 32 1 2\ncpu0 1 2 4 100 200 8 16 32 1 2\n")
    assert load.processor_times() == (63.0, 363.0)


@pytest.mark.skipif(not load.STAT.exists(), reason="the kernel tells no times here")
def test_a_busy_neighbour_is_seen_and_the_command_itself_is_not(tmp_path: Path) -> None:
    """A neighbour that never rests has one processor, or shares it, while the command counts to its end."""
    command = [sys.executable, "-c", "import time\nwhile time.process_time() < 1.0: pass"]
    neighbour = subprocess.Popen([*BUSY[:2], BUSY[2].format(os.getpid())], stdout=subprocess.PIPE)
    try:
        wait_until(neighbour.stdout.readline)
        busy = run(command, cwd=tmp_path, stdout=tmp_path / "log")
    finally:
        neighbour.kill()
        neighbour.communicate()
    assert busy.others is not None
    assert busy.others > 0.5 / (os.cpu_count() or 1)
