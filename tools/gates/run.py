"""Run the whole checklist: the gates, a table, and the reports as JSON and for a pull request."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocr.report.checklist import Steps, print_table
from ocr.utils.interruption import Stopped
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.utils.printable import say
from ocr.utils.provenance import machine
from ocr.utils.whole_file import whole_file
from tools.gates.floors import read_floors, write_floors
from tools.gates.gates import Outcome
from tools.gates.plan import Plan
from tools.revisions import describe_tree

BOX = {"passed": "x", "failed": " ", "skipped": " "}
WORDS = {"passed": "passed", "failed": "**failed**", "skipped": "skipped"}


def validate(output: Path, settings: dict[str, Any], typed: Sequence[str]) -> str | int:
    """Run the gates one after the other, then write the table and the report.

    Args:
        output: folder for the report and the logs.
        settings: the other settings of ``configs/validate.yaml``.
        typed: overrides from the command line.

    Returns:
        The exit status, or the last line of a failure.

    Raises:
        Stopped: a signal arrived; no report is written.
    """
    floors = REPOSITORY_ROOT / settings["floors"]
    settings["floors"] = read_floors(floors)
    folder = output.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for old in ("report.json", "report.md"):
        (folder / old).unlink(missing_ok=True)
    before = describe_tree(REPOSITORY_ROOT)
    plan = Plan(**settings, typed={each.partition("=")[0] for each in typed})
    outcomes = plan.gone()
    with Steps(len(plan.gates)) as steps:
        for name in plan.gates:
            try:
                outcomes.append(plan.outcome_of(name, REPOSITORY_ROOT, folder, steps.started(name)))
            except Stopped as stop:
                raise Stopped(stop.signum, done=f"no report; {verdict(outcomes)}") from None
            steps.finished(asdict(outcomes[-1]))
            if outcomes[-1].status == "failed" and not plan.keep_going:
                break
    choices = f"FAST={int(plan.fast)} FULL={int(plan.full)}"
    source = {**before, "settings": choices, "machine": machine()}
    changed = describe_tree(REPOSITORY_ROOT)["tree_hash"] != before["tree_hash"]
    if plan.record:
        write_floors(floors, plan.recorded(outcomes))
    report = as_json(outcomes, source) | {"changed_meanwhile": changed, "not_gates": plan.not_gates}
    for name, text in (("report.json", json.dumps(report, indent=2) + "\n"), ("report.md", as_markdown(report))):
        with whole_file(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    print_table(report["gates"])
    say(f"{report['verdict']}: {folder / 'report.md'}")
    if changed:
        return "files of the checkout changed while the gates ran, so the report covers no single state; run it again"
    return 0 if report["passed"] else 1


def verdict(outcomes: Sequence[Outcome]) -> str:
    """One line: how many passed, failed and were skipped, the latter two by name."""
    parts = [f"{sum(outcome.status == 'passed' for outcome in outcomes)} of {len(outcomes)} gates passed"]
    for status in ("failed", "skipped"):
        names = [outcome.name for outcome in outcomes if outcome.status == status]
        if names:
            parts.append(f"{len(names)} {status} ({', '.join(names)})")
    return ", ".join(parts)


def as_json(outcomes: Sequence[Outcome], source: Mapping[str, Any]) -> dict[str, Any]:
    """The content of ``report.json``.

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
    """The checklist as Markdown; a box is ticked if the gate passed here.

    Args:
        report: what `as_json` made.
    """
    lines = [f"**Checklist** at `{report['revision']}`: {report['verdict']}.", ""]
    for gate in report["gates"]:
        figure = f": {gate['figure']}" if gate["figure"] else ""
        limit = f" (limit {gate['limit']})" if gate["limit"] else ""
        reason = f"; {gate['reason']}" if gate["reason"] else ""
        figures = f"{figure}{limit}, {gate['seconds']:.0f} s{reason}"
        lines.append(f"- [{BOX[gate['status']]}] `{gate['name']}` {WORDS[gate['status']]}{figures}")
    if report["changed_meanwhile"]:
        lines += ["", "**Files changed while the gates ran**: this report covers no single state."]
    lines += ["", f"Not among the gates: {', '.join(f'`make {name}`' for name in report['not_gates'])}."]
    return "\n".join([*lines, "", f"{report['machine']}, {report['settings']}.", ""])
