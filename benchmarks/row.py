"""One row of the benchmark table, and how each benchmark runs.

Every file in this folder measures one thing and can run alone: it asserts that ours and the peer give the same results
(or reports how they differ), times them in interleaved pairs, prints its rows, and exits with status 1 if the target is
missed. `benchmarks/run.py` runs them all and reads the rows from the file that ``BENCH_RESULT`` names.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.pairs import interleaved, ratio

REPOSITORY = Path(__file__).resolve().parents[1]
RESULT = "BENCH_RESULT"
SROIE = "OCR_SROIE_DIR"


class Skipped(Exception):  # noqa: N818 - nothing went wrong
    """A row cannot be measured here; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement.

    Attributes:
        what: ours.
        against: what it is compared with.
        reach: the target figure.
        figure: ratio or size, with quartiles and the number of pairs.
        medians: of both sides, in their unit.
        same: how the outputs compare.
        reached: whether the target is reached; ``None`` if there is none.
    """

    what: str
    against: str
    reach: str
    figure: str
    medians: str
    same: str
    reached: bool | None

    @property
    def verdict(self) -> str:
        """The last column."""
        return {True: "yes", False: "**no**", None: "-"}[self.reached]


def seconds(job: Callable[[], object], times: int = 1) -> float:
    """CPU time per call over ``times`` calls, of this process only, so that other processes do not count."""
    started = time.process_time()
    for _ in range(times):
        job()
    return (time.process_time() - started) / times


def faster(
    what: str,
    against: str,
    at_least: float | None,
    ours: Callable[[], object],
    peer: Callable[[], object],
    *,
    pairs: int,
    same: str,
    times: tuple[int, int] = (1, 1),
) -> Row:
    """Time two jobs in interleaved pairs.

    Args:
        what: ours.
        against: the peer.
        at_least: how many times faster ours has to be, ``None`` where nothing is asked for.
        ours: one call of ours.
        peer: one call of the peer's.
        pairs: how many.
        same: how the outputs compare.
        times: calls of ours, and of the peer's, in one measurement.
    """
    ours(), peer()
    measured = ratio(interleaved(lambda: seconds(ours, times[0]), lambda: seconds(peer, times[1]), pairs))
    reached = None if at_least is None else measured.median >= at_least
    reach = "-" if at_least is None else f">= {at_least:g} times faster"
    medians = f"{measured.a * 1e3:.3g} ms, {measured.b * 1e3:.3g} ms"
    return Row(what, against, reach, f"{measured} times faster", medians, same, reached)


def share(what: str, against: str, at_least: float, pairs: list[tuple[float, float]], *, same: str) -> Row:
    """A rate as a share of the rate without what is measured, from pairs of seconds (with it, without it)."""
    measured = ratio(pairs)
    percent = " ".join(f"{100 * value:.0f}" for value in (measured.median, measured.low, measured.high)).split()
    figure = "{} % ({} to {}, n={})".format(*percent, measured.n)
    medians = f"{measured.a * 1e3:.3g} ms, {measured.b * 1e3:.3g} ms"
    return Row(what, against, f">= {100 * at_least:.0f} %", figure, medians, same, measured.median >= at_least)


def settings(arguments: list[str], **defaults: int) -> dict[str, int]:
    """Whole numbers from ``name=value`` arguments."""
    given = dict(argument.split("=", 1) for argument in arguments)
    if unknown := given.keys() - defaults.keys():
        raise SystemExit(f"{', '.join(sorted(unknown))}: unknown; use {', '.join(defaults)}")
    return {**defaults, **{name: int(value) for name, value in given.items()}}


def sroie() -> Path:
    """The folder of real receipts.

    Raises:
        Skipped: there is none.
    """
    folder = Path(os.environ.get(SROIE, REPOSITORY.parent / "shared" / "data" / "sroie"))
    if not (folder / "boxes").is_dir():
        raise Skipped(f"no SROIE receipts: {SROIE} must name a folder with images/ and boxes/")
    return folder


def main(measure: Callable[[], list[Row]]) -> int:
    """Measure, print, and write the rows for `benchmarks/run.py`; 1 if a target is missed."""
    try:
        rows, why = measure(), None
    except Skipped as reason:
        rows, why = [], str(reason)
    except ModuleNotFoundError as error:
        rows, why = [], f"{error.name} is not installed: make setup-bench"
    for row in rows:
        print(f"{row.what}\n  against {row.against}: {row.figure} ({row.medians}); reach {row.reach}: {row.verdict}")
        print(f"  output: {row.same}")
    if why:
        print(f"skipped: {why}")
    leave(rows, why)
    return 1 if any(row.reached is False for row in rows) else 0


def leave(rows: list[Row], skipped: str | None) -> None:
    """Write the rows, or the reason for skipping, to the file that ``BENCH_RESULT`` names, if any."""
    if RESULT in os.environ:
        content = {"rows": [asdict(row) for row in rows], "skipped": skipped}
        Path(os.environ[RESULT]).write_text(json.dumps(content), encoding="utf-8")
