"""Prove that the working tree does what another revision did, or say where it does not.

    make prove REF=HEAD~1
    make prove REF=main TOL=1e-4 DIRTY=1
    python runners/prove.py ref=v1.0 training=[model=dbnet_resnet18]

Both revisions run side by side in folders of their own: nothing in the checkout is touched. Exit status 0: equivalent;
1: changed, or nothing can be said. ``outputs/prove/report.md`` is the block for a pull request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from ocr.utils.path_utils import REPOSITORY_ROOT, setup_project_paths
from runners.launch import hydra_main

if TYPE_CHECKING:
    from pathlib import Path

    from ocr.validation.cost import Cost
    from ocr.validation.side import Side

setup_project_paths()


@hydra_main("prove", text=("ref", "data", "output"), stoppable=True)
def prove(cfg: DictConfig) -> None:
    """Revisions, worktrees, jobs, comparison, report."""
    import json
    import os
    import sys
    from pathlib import Path

    from ocr.utils.provenance import machine
    from ocr.validation.jobs import check_parts
    from ocr.validation.proof import as_json, as_markdown, compare
    from ocr.validation.revisions import git, resolve, working_revision, worktrees
    from ocr.validation.shape import shape

    check_parts(cfg.parts)
    ref, tree = resolve(REPOSITORY_ROOT, cfg.ref), working_revision(REPOSITORY_ROOT, dirty=cfg.dirty)
    output = Path(cfg.output).absolute()
    lock = emptied(output)
    with worktrees(REPOSITORY_ROOT, {"ref": ref, "tree": tree}, output / "work") as roots:
        difference = shape(REPOSITORY_ROOT, roots["ref"], roots["tree"], ref.commit, tree.commit)
        sides, environments = make_sides(cfg, roots, output)
        costs = run_jobs(cfg, sides, output)
    os.close(lock)
    proof = compare(sides["ref"], sides["tree"], costs, difference, cfg.tol)
    source = {"ref": str(ref), "tree": str(tree), "machine": machine(), "environments": environments}
    tree_hash = git(REPOSITORY_ROOT, "rev-parse", f"{tree.commit}^{{tree}}")
    commits = {"ref": ref.commit, "tree": tree.commit}
    report = as_json(proof, source | {"commits": commits, "tree_hash": tree_hash})
    text = as_markdown(proof, source)
    (output / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (output / "report.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"{proof.verdict}: {output / 'report.md'}")
    if not proof.equivalent:
        sys.exit(1)


def emptied(output: Path) -> int:
    """Make the folder for a new proof, an earlier one in it goes; the lock that keeps a second proof out until we end.

    Raises:
        InputError: it is a file, holds something else, or another proof is writing there.
    """
    import shutil

    from ocr.types import InputError
    from ocr.utils.runs import hold

    proof = output.is_dir() and ((output / "injection").is_dir() or not any(output.iterdir()))
    if output.exists() and not proof:
        raise InputError(f"output={output} is something else than an earlier proof; choose another folder")
    lock = hold(output.with_name(f".{output.name}.lock"))
    if lock is None:
        raise InputError(f"output={output}: another proof writes there; wait for its end, or choose another folder")
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    return lock


def make_sides(cfg: DictConfig, roots: dict[str, Path], output: Path) -> tuple[dict[str, Side], str]:
    """Both revisions with their packages, and in words where those come from.

    Raises:
        InputError: REF lacks a runner that a part needs, or does not install.
    """
    from pathlib import Path

    from ocr.types import InputError
    from ocr.validation.environment import python_of
    from ocr.validation.jobs import RUNNERS
    from ocr.validation.side import Side, write_injection

    injection = write_injection(output / "injection")
    sides, words = {}, []
    for name, root in roots.items():
        shown = f"REF={cfg.ref}" if name == "ref" else "the working tree"
        for part in cfg.parts:
            lacking = [runner for runner in RUNNERS[part] if not (root / "runners" / f"{runner}.py").exists()]
            if lacking:
                raise InputError(
                    f"{shown} has no runners/{lacking[0]}.py, which the part {part!r} runs: it predates that runner; "
                    "choose a later revision, or leave the part out with parts=[...]"
                )
        python, origin = python_of(shown, root, Path(cfg.environments).absolute(), output / f"install-{name}.log")
        words.append(f"{shown}: {origin}")
        sides[name] = Side(shown, root, python, output / name, injection)
        sides[name].work.mkdir()
    return sides, "; ".join(words)


def run_jobs(cfg: DictConfig, sides: dict[str, Side], output: Path) -> list[Cost]:
    """Everything that is run, REF and the working tree in turn.

    Raises:
        InputError: REF itself fails at something.
    """
    from pathlib import Path

    from ocr.report.checklist import Steps
    from ocr.validation.cost import costs, start_up
    from ocr.validation.jobs import Inputs, jobs, make_data, write_many

    ref, tree = sides["ref"], sides["tree"]
    data = Path(cfg.data).absolute() if cfg.data else make_data(tree, output / "data")
    inputs = Inputs(data, write_many(data, output / "many", cfg.copies), tuple(cfg.training), ref)
    planned = [(job, side) for job in jobs(inputs, cfg.parts) for side in (ref, tree)]
    with Steps(len(planned) + 1) as shown:
        for job, side in planned:
            shown.started(f"{job.label}, {side.name}")
            job.run(side)
            shown.finished(done(side, job.label))
            if side is ref:
                job.check(side)
        shown.started("start-up, both")
        measured = [start_up(ref, tree, cfg.start_up_pairs)] if cfg.start_up_pairs else []
    return [*measured, *costs(ref, tree)]


def done(side: Side, label: str) -> dict[str, Any]:
    """What is shown of a job that has ended."""
    took = side.finished[label]
    return {
        "name": side.name,
        "status": "done",
        "figure": f"{label}: exit status {took.status}",
        "seconds": took.seconds,
    }


if __name__ == "__main__":
    prove()
