"""A gate passes only if it checked as much as is recorded and skipped only what is allowed."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from ocr.types import InputError
from tools.gates.gates import Outcome

Floors = dict[str, dict[str, dict[str, int]]]
"""Mode (``fast``, ``all``; ``full`` for gates that run with ``FULL=1`` alone), gate, count: the least number."""

TESTS = "tests"
"""The count to which allowed skips are added: a machine without a GPU runs fewer."""

FILES = "files"
"""The count that may drop by a tenth without a record: most changes add or remove files."""

RECORD = "record it with `make validate ARGS=record=true`, which the diff shows"


def read_floors(path: Path) -> Floors:
    """The record; empty if there is none, so that every gate fails for lack of a floor."""
    floors: Floors = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return floors


def write_floors(path: Path, floors: Floors) -> None:
    """Write the record."""
    path.write_text(json.dumps(floors, indent=2) + "\n", encoding="utf-8")


def floor_of(outcome: Outcome) -> dict[str, int]:
    """The counts of a gate as its new floor."""
    return {what: number * 9 // 10 if what == FILES else number for what, number in done(outcome).items()}


def done(outcome: Outcome) -> dict[str, int]:
    """The counts of a gate, including what it was allowed to skip."""
    left_out = sum(outcome.skips.values())
    return {what: number + (left_out if what == TESTS else 0) for what, number in outcome.counts.items()}


def judged(
    outcome: Outcome,
    floor: Mapping[str, int],
    may_skip: Mapping[str, str],
    is_missing: Callable[[str], bool],
    *,
    whole: bool,
) -> Outcome:
    """The outcome with its verdict: failed if less was done than recorded, or if a skip is not allowed here.

    Args:
        outcome: of a gate that ran.
        floor: the minimum of each count; empty if none is recorded, which fails.
        may_skip: what must be missing here (see `missing_here`), by a regular expression of the reason.
        is_missing: tells whether something is missing.
        whole: whether the entire gate may be skipped.
    """
    if outcome.status == "failed":
        return outcome
    wrong = [] if floor else [f"it has no floor: {RECORD}"]
    for reason, number in outcome.skips.items():
        needed = [what for pattern, what in may_skip.items() if re.search(pattern, reason)]
        if not needed:
            wrong.append(f"{number} skipped for a reason that `may_skip` does not list: {reason}")
        elif not any(map(is_missing, needed)):
            wrong.append(f"{number} skipped though this machine has {' and '.join(needed)}: {reason}")
    counts = done(outcome)
    nothing = not any(outcome.counts.values())
    if not any(counts.values()):
        wrong.append("nothing shows that it did anything")
    elif nothing and not whole:
        wrong.append("it was skipped as a whole, which `may_be_skipped` does not allow")
    wrong += [
        f"{counts.get(what, 0)} {what}, recorded are {least} ({RECORD})"
        for what, least in floor.items()
        if counts.get(what, 0) < least
    ]
    if wrong:
        return replace(outcome, status="failed", reason="; ".join(wrong))
    skipped = [f"{number} skipped: {why}" for why, number in outcome.skips.items()]
    reason = "; ".join(filter(None, [outcome.reason, *skipped]))
    return replace(
        outcome, status="skipped" if nothing else "passed", figure="" if nothing else outcome.figure, reason=reason
    )


@cache
def missing_here(what: str) -> bool:
    """Whether this machine lacks something; checked here rather than trusting the skipped test.

    Args:
        what: ``gpu``, ``program <name>``, ``package <name>``, ``file <path>``; or ``target <name>`` for tests that
            another Make target runs, which must exist.

    Raises:
        InputError: it is none of these.
    """
    kind, _, name = what.partition(" ")
    if kind == "gpu":
        program = "import sys, torch; sys.exit(torch.cuda.is_available())"
        return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0
    if kind == "program":
        return shutil.which(name) is None
    if kind == "package":
        return importlib.util.find_spec(name) is None
    if kind == "file":
        return not Path(name).exists()
    if kind == "target":
        command = ["make", "--dry-run", "--no-print-directory", name]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    raise InputError(f"may_skip: {what}: must be gpu, or program, package, file or target with a name")
