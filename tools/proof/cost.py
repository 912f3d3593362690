"""The costs of two revisions, as ratios of pairs that were measured in succession."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from tools.pairs import Ratio, interleaved, ratio
from tools.proof.side import Side

START_UP, TRAINING = "start-up", "training"
FLOOR_S = 0.001
"""A wait for data shorter than that is taken as that: below, a ratio compares the clock with itself."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the table.

    Attributes:
        name: what was measured.
        unit: of the two medians.
        ratio: working tree / REF.
    """

    name: str
    unit: str
    ratio: Ratio

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"name": self.name, "unit": self.unit, **asdict(self.ratio)}


def start_up(ref: Side, tree: Side, pairs: int) -> Cost:
    """Import of ``runners.train`` in a new interpreter."""
    measured = interleaved(lambda: import_seconds(ref), lambda: import_seconds(tree), pairs)
    return Cost("start-up (import runners.train)", "s", ratio(measured))


def import_seconds(side: Side) -> float:
    """Wall time of one interpreter that imports the training runner."""
    return side.call(START_UP, [side.python, "-c", "import runners.train"]).seconds


def times(side: Side, label: str) -> dict[int, tuple[float, float]]:
    """Seconds of wait and of work by step of a training; its first step, which warms up, left out."""
    path = side.work / "records" / label / "times.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return {row["step"]: (row["wait_s"], row["step_s"]) for row in rows}


def step_pairs(ref: Side, tree: Side) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """(wait, work) of the same step of the training in both."""
    a, b = times(ref, TRAINING), times(tree, TRAINING)
    return [(a[step], b[step]) for step in sorted(a.keys() & b.keys())]


def costs(ref: Side, tree: Side) -> Iterator[Cost]:
    """What the jobs took, of those that ran in both."""
    steps = step_pairs(ref, tree)
    if steps:
        yield Cost("training step", "s", ratio([(a[1], b[1]) for a, b in steps]))
        waits = [(max(a[0], FLOOR_S), max(b[0], FLOOR_S)) for a, b in steps]
        yield Cost("wait for data, a step", "s", ratio(waits))
    paired = [label for label in ref.finished if ref.finished[label].peak_memory and label in tree.finished]
    both = [label for label in paired if label != START_UP]
    if both:
        memory = [(ref.finished[label].peak_memory / 1e6, tree.finished[label].peak_memory / 1e6) for label in both]
        yield Cost("peak memory of a process", "MB", ratio(memory))
    metric = [
        (ref.finished[label].seconds, tree.finished[label].seconds) for label in both if label.startswith("evaluate")
    ]
    if metric:
        yield Cost("metric (runners/evaluate.py)", "s", ratio(metric))
