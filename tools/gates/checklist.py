"""The outcomes of the gates as a table, as JSON, and as the checklist of a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tools.gates.gates import Outcome

BOX = {"passed": "x", "failed": " ", "skipped": " "}
WORDS = {"passed": "passed", "failed": "**failed**", "skipped": "skipped"}


def verdict(outcomes: Sequence[Outcome]) -> str:
    """One line: how many passed, failed and were skipped, the latter two by name."""
    parts = [f"{sum(outcome.status == 'passed' for outcome in outcomes)} of {len(outcomes)} gates passed"]
    for status in ("failed", "skipped"):
        names = [outcome.name for outcome in outcomes if outcome.status == status]
        if names:
            parts.append(f"{len(names)} {status} ({', '.join(names)})")
    return ", ".join(parts)


def as_json(outcomes: Sequence[Outcome], source: Mapping[str, Any]) -> dict[str, Any]:
    """What ``report.json`` holds.

    Args:
        outcomes: in the order in which the gates ran.
        source: revision, machine and settings of the call, as plain values.
    """
    return {
        **source,
        "verdict": verdict(outcomes),
        "passed": all(outcome.status != "failed" for outcome in outcomes),
        "gates": [asdict(outcome) for outcome in outcomes],
    }


def as_markdown(report: Mapping[str, Any]) -> str:
    """The checklist for people: a box is ticked where the gate passed here.

    Args:
        report: what `as_json` made.
    """
    lines = [f"**Checklist** at `{report['revision']}`: {report['verdict']}.", ""]
    for gate in report["gates"]:
        figure = f": {gate['figure']}" if gate["figure"] else ""
        limit = f" (limit {gate['limit']})" if gate["limit"] else ""
        reason = f"; {gate['reason']}" if gate["reason"] else ""
        said = f"{figure}{limit}, {gate['seconds']:.0f} s{reason}"
        lines.append(f"- [{BOX[gate['status']]}] `{gate['name']}` {WORDS[gate['status']]}{said}")
    if report["changed_meanwhile"]:
        lines += ["", "**Files changed while the gates ran**: this speaks of no single state."]
    lines += ["", f"Not among the gates: {', '.join(f'`make {name}`' for name in report['not_gates'])}."]
    return "\n".join([*lines, "", f"{report['machine']}, {report['settings']}.", ""])
