"""How much of the machine others use: seconds say something of a program only where nobody else is busy."""

from __future__ import annotations

from pathlib import Path

STAT = Path("/proc/stat")
QUIET = 0.1
"""Share of all processors' time that others may have on a quiet machine."""

IDLE = slice(3, 5)
"""Where the times that no program had are: idle, and waiting for a disk."""


def processor_times() -> tuple[float, float] | None:
    """Busy ticks and all ticks of all processors since the machine's start; ``None`` where the system tells none.

    What another virtual machine took away counts as busy.
    """
    if not STAT.exists():
        return None
    ticks = [float(number) for number in STAT.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    return sum(ticks) - sum(ticks[IDLE]), sum(ticks)


def share_of_others(
    before: tuple[float, float] | None, after: tuple[float, float] | None, own_ticks: float
) -> float | None:
    """What others had of all processors' time, between 0 and 1.

    Args:
        before: `processor_times` when a command began.
        after: the same at its end.
        own_ticks: what the command and its processes used.
    """
    if before is None or after is None or after[1] <= before[1]:
        return None
    return max(after[0] - before[0] - own_ticks, 0.0) / (after[1] - before[1])
