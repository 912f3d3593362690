"""Prove that the working tree does what another revision did, or say where it does not.

    make prove REF=HEAD~1
    make prove REF=main TOL=1e-4 DIRTY=1
    python runners/prove.py ref=v1.0 training=[model=dbnet_resnet18]

Both revisions run side by side in folders of their own: nothing in the checkout is touched. Exit status 0: equivalent;
1: changed, or nothing can be said; 3: nothing differs, and changed code was not run. ``outputs/prove/report.md`` is the
block for a pull request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omegaconf import DictConfig

from ocr.utils.path_utils import REPOSITORY_ROOT, setup_project_paths
from runners.launch import hydra_main, say

if TYPE_CHECKING:
    from pathlib import Path

    from tools.proof.cost import Cost
    from tools.proof.side import Side
    from tools.revisions import Revision

setup_project_paths()


@hydra_main("prove", text=("ref", "data", "output"), stoppable=True)
def prove(cfg: DictConfig) -> None:
    """Revisions, worktrees, jobs, comparison, report."""
    import json
    import os
    import sys
    from pathlib import Path

    from ocr.utils.provenance import machine
    from tools.proof.jobs import check_parts
    from tools.proof.proof import Proof, as_json, as_markdown, judge
    from tools.proof.shape import shape
    from tools.revisions import git, resolve, working_revision, worktrees

    parts = check_parts(cfg.parts)
    ref, tree = resolve(REPOSITORY_ROOT, cfg.ref), working_revision(REPOSITORY_ROOT, dirty=cfg.dirty)
    output = Path(cfg.output).absolute()
    lock = emptied(output)
    with worktrees(REPOSITORY_ROOT, {"old": ref, "new": tree}, output / "work") as roots:
        difference = shape(REPOSITORY_ROOT, roots["old"], roots["new"], ref.commit, tree.commit)
        sides, environments = make_sides(cfg, roots, {"old": ref, "new": tree}, output)
        costs = run_jobs(cfg, parts, sides, output)
        proof = Proof(judge(output, roots, cfg.tol), costs, difference, cfg.tol)
    os.close(lock)
    source = {"ref": str(ref), "tree": str(tree), "machine": machine(), "environments": environments}
    tree_hash = git(REPOSITORY_ROOT, "rev-parse", f"{tree.commit}^{{tree}}")
    commits = {"ref": ref.commit, "tree": tree.commit}
    report = as_json(proof, source | {"commits": commits, "tree_hash": tree_hash})
    text = as_markdown(proof, source)
    (output / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (output / "report.md").write_text(text, encoding="utf-8")
    say(*text.split("\n"), f"{proof.verdict}: {output / 'report.md'}")
    sys.exit(proof.exit_status)


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


def make_sides(
    cfg: DictConfig, roots: dict[str, Path], revisions: dict[str, Revision], output: Path
) -> tuple[dict[str, Side], str]:
    """Both revisions with their packages, and in words where those come from.

    Raises:
        InputError: REF does not install.
    """
    from pathlib import Path

    from tools.proof.environment import python_of
    from tools.proof.exercised import changes
    from tools.proof.side import Side, write_injection

    injection = write_injection(output / "injection")
    given = output / "given"
    given.mkdir()
    changed = changes(REPOSITORY_ROOT, list(roots.values()), [revision.commit for revision in revisions.values()])
    sides, words = {}, []
    for (name, root), change in zip(roots.items(), changed, strict=True):
        shown = f"REF={cfg.ref}" if name == "old" else "the working tree"
        python, origin = python_of(shown, root, Path(cfg.environments).absolute(), output / f"install-{name}.log")
        words.append(f"{shown}: {origin}")
        sides[name] = Side(shown, root, python, output / name, injection, given)
        sides[name].describe(REPOSITORY_ROOT, revisions[name].commit, change.files)
    return sides, "; ".join(words)


def run_jobs(cfg: DictConfig, parts: list[str], sides: dict[str, Side], output: Path) -> list[Cost]:
    """Everything that is run: what is measured by turns, then the rest side by side.

    Raises:
        InputError: REF itself fails at something.
    """
    import json
    from pathlib import Path

    from ocr.report.checklist import Steps
    from tools.proof.cost import costs, start_up
    from tools.proof.given import give
    from tools.proof.jobs import Inputs, Job
    from tools.proof.programme import planned
    from tools.proof.running import run_beside, run_paired

    ref, tree = sides["old"], sides["new"]
    ref.check_runners(planned(Inputs("", ""), parts))
    data = Path(cfg.data).absolute() if cfg.data else ref.make_data(output / "data")
    give(ref.given, ref.root, data, cfg.copies)
    inputs = Inputs(str(data), str(ref.given), tuple(cfg.training))
    (output / "inputs.json").write_text(json.dumps({"inputs": inputs.as_dict(), "parts": parts}), encoding="utf-8")
    jobs = planned(inputs, parts)
    paired = [job for job in jobs if job.paired]
    with Steps(2 * len(jobs) + 1) as shown:

        def told(side: Side, job: Job) -> None:
            shown.finished({"name": side.name, "status": "done", **side.took(job)})

        run_paired(ref, tree, paired, told)
        measured = [start_up(ref, tree, cfg.start_up_pairs)] if cfg.start_up_pairs else []
        run_beside(ref, tree, [job for job in jobs if not job.paired], told)
    return [*measured, *costs(ref, tree)]


if __name__ == "__main__":
    prove()
