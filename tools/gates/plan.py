"""Which gates run, how each is judged, and the resulting record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr.types import InputError
from tools.gates.floors import RECORD, Floors, floor_of, judged, missing_here
from tools.gates.gates import Outcome, run_gate


@dataclass(frozen=True)
class Plan:
    """The settings of ``configs/validate.yaml``, which says what each means.

    Attributes:
        floors: the record: what each gate looked at when it was recorded, by mode (``fast``, ``all``, and ``full`` for
            the gates that run with ``FULL=1`` alone).
        typed: settings that stand on the command line.
    """

    gates: list[str]
    only: list[str]
    fast: bool
    full: bool
    only_full: list[str]
    keep_going: bool
    limits_s: dict[str, float]
    timeout_s: float
    counted: dict[str, dict[str, str]]
    may_skip: dict[str, dict[str, str]]
    may_be_skipped: list[str]
    not_gates: list[str]
    record: bool
    floors: Floors
    typed: Collection[str]

    def __post_init__(self) -> None:
        """Reject unknown gates, and a configuration file that silently leaves gates out.

        Raises:
            InputError: names the setting.
        """
        unknown = sorted(set(self.only) - set(self.gates))
        if unknown:
            raise InputError(f"only={unknown}: there are the gates {', '.join(self.gates)}")
        for key in ("only_full", "limits_s", "counted", "may_skip", "may_be_skipped"):
            others = sorted(set(getattr(self, key)) - set(self.gates))
            if others:
                raise InputError(f"configs/validate.yaml: {key}: there is no gate {', '.join(others)}")
        for key in ("only", "record"):
            if getattr(self, key) and key not in self.typed:
                raise InputError(f"configs/validate.yaml: {key} is only for the command line; reset it")

    def mode(self, name: str) -> str:
        """The mode whose floors apply to a gate."""
        return "full" if name in self.only_full else "fast" if self.fast else "all"

    def gone(self) -> list[Outcome]:
        """A failed outcome for each floor whose gate no longer exists."""
        floors = self.floors.get("fast" if self.fast else "all", {}) | self.floors.get("full", {})
        reason = f"it has a floor but is not among the gates: {RECORD}"
        return [Outcome(name, "failed", reason=reason) for name in floors if name not in self.gates and not self.record]

    def outcome_of(self, name: str, root: Path, folder: Path, tick: Callable[[str], None]) -> Outcome:
        """Run a gate and judge it, or skip it if it only runs on request; arguments as for `run_gate`."""
        if self.only and name not in self.only:
            return Outcome(name, "skipped", reason="not asked for")
        floor = self.floors.get(self.mode(name), {}).get(name, {})
        if name in self.only_full and not (self.full or self.only):
            if floor:
                return Outcome(name, "skipped", reason="runs with FULL=1")
            return Outcome(name, "failed", reason=f"left for FULL=1, where it has no floor: {RECORD}")
        settings, limit_s = (f"FAST={int(self.fast)}",), self.limits_s.get(name)
        done = run_gate(name, root, folder, settings, self.timeout_s, tick, limit_s, self.counted.get(name))
        may_skip, whole = self.may_skip.get(name, {}), name in self.may_be_skipped
        return judged(done, floor_of(done) if self.record else floor, may_skip, missing_here, whole=whole)

    def recorded(self, outcomes: Sequence[Outcome]) -> Floors:
        """The record updated by the gates that did not fail, without gates that no longer exist."""
        new: Floors = {
            mode: {name: floor for name, floor in self.floors.get(mode, {}).items() if name in self.gates}
            for mode in ("fast", "all", "full")
        }
        for outcome in outcomes:
            if outcome.status != "failed" and outcome.counts:
                new[self.mode(outcome.name)][outcome.name] = floor_of(outcome)
        return new
