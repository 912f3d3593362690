"""Run gates: every gate is a Make target that reports its result through a small file."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tools.load import QUIET
from tools.processes import Finished, last_lines, run

RESULT = "GATE_RESULT"
"""Environment variable with the file in which a gate may report its figure, its limit, or why it could not run."""

Status = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one gate.

    Attributes:
        name: the Make target.
        status: ``skipped`` if nothing of it could run here; never ``passed`` then.
        figure: what it measured, as text.
        limit: limit of the figure; empty if there is none.
        reason: why it failed or was skipped, or what part of it was skipped.
        seconds: wall time.
        log: everything it printed.
        counts: how much it checked, by kind: ``{"tests": 12}``.
        skips: number of cases that did not run, by reason.
    """

    name: str
    status: Status
    figure: str = ""
    limit: str = ""
    reason: str = ""
    seconds: float = 0.0
    log: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    skips: Mapping[str, int] = field(default_factory=dict)


def tell(
    *,
    counts: Mapping[str, int],
    figure: str = "",
    limit: str = "",
    skips: Mapping[str, int] | None = None,
    failed: bool = False,
) -> None:
    """Report a gate's result to `run_gate`; called by the gate's program, without effect outside a gate.

    Args:
        counts: how much it looked at, by what.
        figure: what was measured.
        limit: what it was measured against.
        skips: how many cases did not run, by reason.
        failed: whether it failed; a Make recipe may hide the exit status.
    """
    path = os.environ.get(RESULT)
    if path:
        content = {"counts": counts, "figure": figure, "limit": limit, "skips": skips or {}, "failed": failed}
        Path(path).write_text(json.dumps(content), encoding="utf-8")


def counted(log: str, patterns: Mapping[str, str]) -> dict[str, int]:
    """Extract a program's counts from its output.

    Args:
        log: everything it printed.
        patterns: a regular expression by what it counts; its group is a number, without a group each match counts 1.
    """
    return {
        what: sum(int(match[1]) if match.re.groups else 1 for match in re.finditer(pattern, log, re.MULTILINE))
        for what, pattern in patterns.items()
    }


def last_line(log: Path, show: Callable[[str], None]) -> Callable[[], None]:
    """Show the last line of a growing log, at most twice a second."""
    shown_at = time.monotonic()

    def tick() -> None:
        nonlocal shown_at
        if time.monotonic() > shown_at + 0.5:
            show(" ".join(last_lines(log, 1)))
            shown_at = time.monotonic()

    return tick


def run_gate(
    name: str,
    root: Path,
    folder: Path,
    settings: tuple[str, ...],
    timeout_s: float,
    tick: Callable[[str], None],
    limit_s: float | None = None,
    patterns: Mapping[str, str] | None = None,
) -> Outcome:
    """Run one gate to its end. `tools.gates.floors` decides the verdict from the outcome.

    Args:
        name: Make target.
        root: the checkout.
        folder: gets ``<name>.log``.
        settings: variables for make, as ``FAST=1``.
        timeout_s: seconds after which the gate has failed.
        tick: called with the last line of the log, twice a second.
        limit_s: seconds above which the gate fails although it ran to its end, if the machine was quiet.
        patterns: counts in the log of a gate whose program leaves no result of its own, see `counted`.

    Raises:
        Stopped: a signal asked this program to end.
    """
    log, result = folder / f"{name}.log", folder / f"{name}.result"
    result.unlink(missing_ok=True)
    # The settings of the outer make are repeated in `settings`; its job server is not used.
    env = {RESULT: str(result.resolve()), "MAKEFLAGS": "", "MAKELEVEL": "0", "COLUMNS": "120"}
    command = ["make", "--no-print-directory", name, "ARGS=", *settings]  # ARGS of the make above are for `validate`
    done = run(command, cwd=root, stdout=log, env=env, timeout_s=timeout_s, tick=last_line(log, tick))
    left = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
    result.unlink(missing_ok=True)
    figure = left.get("figure") or " ".join(last_lines(log, 1))
    counts = left.get("counts") or counted(log.read_text(encoding="utf-8", errors="replace"), patterns or {})
    limit = left.get("limit", "")
    rest = (done.seconds, str(log), counts, left.get("skips", {}))
    if done.status or left.get("failed"):
        ended = f"not done after {timeout_s:.0f} s" if done.timed_out else f"exit status {done.status}"
        return Outcome(name, "failed", left.get("figure", ""), limit, "; ".join([ended, *last_lines(log, 3)]), *rest)
    slow, late = lateness(done, limit_s)
    limit = limit or ("" if limit_s is None else f"{limit_s:.0f} s")
    return Outcome(name, "failed" if slow else "passed", figure, limit, late, *rest)


def lateness(done: Finished, limit_s: float | None) -> tuple[bool, str]:
    """Whether a command took too long, and a message about its time.

    A busy machine makes anything slow: a command only fails if other programs are known to have used almost no CPU.
    """
    if limit_s is None or done.seconds <= limit_s:
        return False, ""
    late = f"took {done.seconds:.0f} s, more than {limit_s:.0f} s"
    if done.others is None:
        return False, f"{late}; no verdict, since the load of the machine is unknown"
    if done.others > QUIET:
        return False, f"{late}; no verdict, since other programs used {done.others:.0%} of the CPU time"
    return True, late
