"""Measure the load by other programs: the time of a program is only meaningful on a quiet machine."""

from __future__ import annotations

from pathlib import Path

STAT = Path("/proc/stat")
QUIET = 0.1
"""Maximum share of the CPU time that other programs use on a quiet machine."""

IDLE = slice(3, 5)
"""Indices of the times without a running program: idle, and waiting for a disk."""


def processor_times() -> tuple[float, float] | None:
    """Busy ticks and all ticks of all CPUs since boot; ``None`` if the system does not report them.

    Time taken by other virtual machines counts as busy.
    """
    if not STAT.exists():
        return None
    ticks = [float(number) for number in STAT.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    return sum(ticks) - sum(ticks[IDLE]), sum(ticks)


def share_of_others(
    before: tuple[float, float] | None, after: tuple[float, float] | None, own_ticks: float
) -> float | None:
    """The share of the CPU time that other programs used, between 0 and 1.

    Args:
        before: `processor_times` when a command began.
        after: the same at its end.
        own_ticks: ticks used by the command and its processes.
    """
    if before is None or after is None or after[1] <= before[1]:
        return None
    return max(after[0] - before[0] - own_ticks, 0.0) / (after[1] - before[1])
