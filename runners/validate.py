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
from runners.launch import hydra_main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ocr.validation.gates import Outcome

setup_project_paths()


@hydra_main("validate", text=("output",), stoppable=True)
def validate(cfg: DictConfig) -> None:
    """Gates one after the other, then the table and the report."""
    import json
    import sys
    from dataclasses import asdict
    from pathlib import Path

    from ocr.report.checklist import Steps, print_table
    from ocr.types import InputError
    from ocr.utils.interruption import Stopped
    from ocr.utils.provenance import machine
    from ocr.utils.whole_file import whole_file
    from ocr.validation.checklist import as_json, as_markdown, verdict
    from ocr.validation.revisions import describe_tree

    unknown = sorted(set(cfg.only) - set(cfg.gates))
    if unknown:
        raise InputError(f"only={unknown}: there are the gates {', '.join(cfg.gates)}")
    folder = Path(cfg.output).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for old in ("report.json", "report.md"):
        (folder / old).unlink(missing_ok=True)
    before = describe_tree(REPOSITORY_ROOT)
    outcomes: list[Outcome] = []
    with Steps(len(cfg.gates)) as shown:
        for name in cfg.gates:
            try:
                outcomes.append(outcome_of(name, cfg, folder, shown.started(name)))
            except Stopped as stop:
                raise Stopped(stop.signum, done=f"no report; {verdict(outcomes)}") from None
            shown.finished(asdict(outcomes[-1]))
            if outcomes[-1].status == "failed" and not cfg.keep_going:
                break
    settings = f"FAST={int(cfg.fast)} FULL={int(cfg.full)}"
    source = {**before, "settings": settings, "machine": machine()}
    changed = describe_tree(REPOSITORY_ROOT)["tree_hash"] != before["tree_hash"]
    report = as_json(outcomes, source) | {"changed_meanwhile": changed}
    for name, text in (("report.json", json.dumps(report, indent=2) + "\n"), ("report.md", as_markdown(report))):
        with whole_file(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    print_table(report["gates"])
    print(f"{report['verdict']}: {folder / 'report.md'}")
    if changed:
        sys.exit(
            "files of the checkout changed while the gates ran: the report speaks of no single state; run it again"
        )
    if not report["passed"]:
        sys.exit(1)


def outcome_of(name: str, cfg: DictConfig, folder: Path, tick: Callable[[str], None]) -> Outcome:
    """Run a gate, or skip it where it runs on request only."""
    from ocr.validation.gates import Outcome, run_gate

    if cfg.only and name not in cfg.only:
        return Outcome(name, "skipped", reason="not asked for")
    if name in cfg.only_full and not (cfg.full or cfg.only):
        return Outcome(name, "skipped", reason="runs with FULL=1")
    settings = (f"FAST={int(cfg.fast)}",)
    return run_gate(name, REPOSITORY_ROOT, folder, settings, cfg.timeout_s, tick, cfg.limits_s.get(name))


if __name__ == "__main__":
    validate()
