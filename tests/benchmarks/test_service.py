"""The load of the service, with few requests."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ocr.utils.path_utils import REPOSITORY_ROOT
from running_service import ENVIRONMENT

pytestmark = pytest.mark.slow
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


def test_few_requests_find_nothing_but_what_a_busy_machine_makes_slow(tiny_data: Path) -> None:
    program = [sys.executable, str(REPOSITORY_ROOT / "benchmarks" / "service.py")]
    options = ("n=40", "hostile=0.5", "clients=4", "workers=2", "files=4", "settle=20")
    folder = tiny_data / "images" / "train"
    done = subprocess.run(
        [*program, *options, f"images={folder}"], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    rows = dict(re.findall(r"^│ (\S.*?) +│ (\S.*?) +│$", done.stdout, re.MULTILINE))
    assert rows["answers that are not read.py's bytes"] == "0 of 4", done.stdout + done.stderr
    assert rows["answers of a wrong status"] == "none"
    assert rows["workers that ended"] == rows["faults in the log"] == "0"
    assert re.fullmatch(r"\{429: \d+\}", rows["answers of a full queue"])
    admitted, answered = map(int, rows["admitted before SIGTERM, answered"].split(", "))
    assert 0 < admitted <= answered
    assert rows["exit status"] == "143"
    wrong = {line.partition(":")[0] for line in done.stderr.splitlines() if not line.startswith("images ")}
    assert wrong <= {"memory after 20 and after all", "p50, p99 of these; the slowest"}
