"""No test fails because the machine is busy: each waits as `patience` says, and holds no seconds against a limit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_no_test_has_a_time_limit_of_its_own(path: Path) -> None:
    if path.name not in {"patience.py", Path(__file__).name}:
        assert impatient(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("run(command, timeout=120, check=False)", True),
        ("def finish(self, timeout_s: float = 60.0) -> str:", True),
        ("def finish(self, timeout_s: float | None = 60.0) -> str:", True),
        ("process.wait(60)", True),
        ("thread.join(timeout=5.0)", True),
        ("until = time.monotonic() + 120", True),
        ("while not there() and time.monotonic() < deadline:", True),
        ("assert time.perf_counter() - started < 3", True),
        ("run(command, timeout=PATIENCE_S)", False),
        ("run(command, timeout_s=0.2)", False),
        ("process.wait()", False),
        ("return time.perf_counter() - started", False),
    ],
)
def test_what_is_found(line: str, found: bool) -> None:
    assert bool(impatient(line)) == found


def test_hypothesis_takes_its_time() -> None:
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check
