"""The checklist from beginning to end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocr.report.checklist import Steps, print_table
from ocr.utils.interruption import Stopped
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.utils.printable import say
from ocr.utils.provenance import machine
from ocr.utils.whole_file import whole_file
from tools.gates.checklist import as_json, as_markdown, verdict
from tools.gates.floors import read_floors, write_floors
from tools.gates.plan import Plan
from tools.revisions import describe_tree


def validate(settings: dict[str, Any], typed: Sequence[str]) -> str | int:
    """Gates one after the other, then the table and the report.

    Args:
        settings: those of ``configs/validate.yaml``.
        typed: overrides that the user gave.

    Returns:
        The exit status, or the last line of a failure.

    Raises:
        Stopped: a signal came; there is no report then.
    """
    output, floors = settings.pop("output"), REPOSITORY_ROOT / settings["floors"]
    settings["floors"] = read_floors(floors)
    folder = Path(output).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for old in ("report.json", "report.md"):
        (folder / old).unlink(missing_ok=True)
    before = describe_tree(REPOSITORY_ROOT)
    plan = Plan(**settings, typed={each.partition("=")[0] for each in typed})
    outcomes = plan.gone()
    with Steps(len(plan.gates)) as shown:
        for name in plan.gates:
            try:
                outcomes.append(plan.outcome_of(name, REPOSITORY_ROOT, folder, shown.started(name)))
            except Stopped as stop:
                raise Stopped(stop.signum, done=f"no report; {verdict(outcomes)}") from None
            shown.finished(asdict(outcomes[-1]))
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
        return "files of the checkout changed while the gates ran: the report speaks of no single state; run it again"
    return 0 if report["passed"] else 1
