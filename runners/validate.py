"""Run the checklist of a refactor: every gate, a table at the end, a report to commit by.

    make validate             # all but the ten minutes of training
    make validate FAST=1      # five minutes
    make validate FULL=1
    make validate ARGS="only=[lint,config]"

The exit status is 1 where a gate failed. ``outputs/validation/report.md`` is the checklist for a pull request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omegaconf import DictConfig

from ocr.utils.path_utils import REPOSITORY_ROOT, setup_project_paths
from runners.launch import hydra_main, say

if TYPE_CHECKING:
    from tools.gates.plan import Plan

setup_project_paths()


@hydra_main("validate", text=("output",), stoppable=True)
def validate(cfg: DictConfig) -> None:
    """Gates one after the other, then the table and the report."""
    import json
    import sys
    from dataclasses import asdict
    from pathlib import Path

    from ocr.report.checklist import Steps, print_table
    from ocr.utils.interruption import Stopped
    from ocr.utils.provenance import machine
    from ocr.utils.whole_file import whole_file
    from tools.gates.checklist import as_json, as_markdown, verdict
    from tools.gates.floors import write_floors
    from tools.revisions import describe_tree

    folder = Path(cfg.output).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for old in ("report.json", "report.md"):
        (folder / old).unlink(missing_ok=True)
    before = describe_tree(REPOSITORY_ROOT)
    plan = plan_of(cfg)
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
    settings = f"FAST={int(plan.fast)} FULL={int(plan.full)}"
    source = {**before, "settings": settings, "machine": machine()}
    changed = describe_tree(REPOSITORY_ROOT)["tree_hash"] != before["tree_hash"]
    if plan.record:
        write_floors(REPOSITORY_ROOT / cfg.floors, plan.recorded(outcomes))
    report = as_json(outcomes, source) | {"changed_meanwhile": changed, "not_gates": plan.not_gates}
    for name, text in (("report.json", json.dumps(report, indent=2) + "\n"), ("report.md", as_markdown(report))):
        with whole_file(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    print_table(report["gates"])
    say(f"{report['verdict']}: {folder / 'report.md'}")
    if changed:
        sys.exit(
            "files of the checkout changed while the gates ran: the report speaks of no single state; run it again"
        )
    if not report["passed"]:
        sys.exit(1)


def plan_of(cfg: DictConfig) -> Plan:
    """What the configuration asks for, with the record that it names."""
    from typing import Any, cast

    from hydra.core.hydra_config import HydraConfig
    from omegaconf import OmegaConf

    from tools.gates.floors import read_floors
    from tools.gates.plan import Plan

    settings = cast("dict[str, Any]", OmegaConf.to_container(cfg))
    del settings["output"]
    settings["floors"] = read_floors(REPOSITORY_ROOT / cfg.floors)
    return Plan(**settings, typed={typed.partition("=")[0] for typed in HydraConfig.get().overrides.task})


if __name__ == "__main__":
    validate()
