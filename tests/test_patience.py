"""No test fails because the machine is busy: each waits as `patience` says, and holds no seconds against a limit."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
LIMIT = re.compile(r"timeout\w*(?:: [\w| ]+)? ?= ?(\d[\d_.]*)|\.(?:wait|join)\((?:timeout=)?(\d[\d_.]*)")
NOW = r"(?:monotonic|perf_counter|time\.time)\(\)"
CLOCK = re.compile(rf"{NOW}(?: *\+|.*[<>])|[<>]=? *(?:time\.)?{NOW}")
AT_ONCE_S = 1.0
"""A limit that a test sees pass is no longer."""


def impatient(text: str) -> list[str]:
    """Lines with a limit of their own, in seconds, or with a deadline."""
    found = []
    for line in (line for line in text.splitlines() if "PATIENCE_S" not in line):
        limits = [float(one or other) for one, other in LIMIT.findall(line)]
        if any(limit > AT_ONCE_S for limit in limits) or CLOCK.search(line):
            found.append(line.strip())
    return found


def test_no_test_has_a_time_limit_of_its_own() -> None:
    paths = [path for path in TESTS.rglob("*.py") if path.name != "patience.py"]
    found = {str(path.relative_to(TESTS)): impatient(path.read_text(encoding="utf-8")) for path in paths}
    assert {path: lines for path, lines in found.items() if lines} == {}
