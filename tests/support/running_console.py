"""A console that runs as a user runs it, and a browser that looks at it and at nothing else."""

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gate_trainings import MARK, processes_with
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import wait_until

SUPPORT = Path(__file__).resolve().parent
PROGRAM = str(REPOSITORY_ROOT / "runners" / "console.py")


@dataclass
class Console:
    """A console.

    Attributes:
        process: its only process.
        address: where it listens, without the path of a page.
        log: the lines of its output so far.
        mark: value of the environment variable `MARK` that it and every process that it starts has.
    """

    process: subprocess.Popen[str]
    address: str = ""
    log: list[str] = field(default_factory=list)
    mark: str = ""


def answers(address: str) -> bool:
    """Whether a console answers."""
    with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health") as response:
        return bool(response.status == 200)
    return False


@contextmanager
def running_console(folder: Path, *settings: str) -> Iterator[Console]:
    """A console on a free port, started in a folder, which is killed in the end, with what is left of its trainings."""
    mark = uuid.uuid4().hex
    paths = os.pathsep.join(map(str, (REPOSITORY_ROOT, SUPPORT)))  # trainings have probes from there
    environment = {
        **os.environ,
        "COLUMNS": "200",
        "OMP_NUM_THREADS": "1",
        "HOME": str(folder),
        "PYTHONPATH": paths,
        MARK: mark,
    }
    with subprocess.Popen(
        [sys.executable, PROGRAM, "port=0", *settings],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        console = Console(process, mark=mark)
        reader = threading.Thread(target=console.log.extend, args=(process.stdout,))
        reader.start()
        try:
            wait_until(lambda: any("listening on" in line for line in console.log) or process.poll() is not None)
            found = re.findall(r"listening on (http://[^ ;]+)", "".join(console.log))
            assert found, "".join(console.log)
            console.address = found[0]
            wait_until(lambda: answers(console.address), process, every_s=0.05)
            yield console
        finally:
            process.kill()
            process.wait()
            reader.join()
            for left in processes_with(f"{MARK}={mark}"):  # trainings of a test that has failed
                with suppress(ProcessLookupError):
                    os.kill(left, signal.SIGKILL)
