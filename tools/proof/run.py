"""Run a proof from beginning to end."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path

from ocr.report.checklist import Steps
from ocr.types import InputError
from ocr.utils.interruption import Stopped, pending_stop
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.utils.printable import say
from ocr.utils.provenance import machine
from ocr.utils.runs import hold
from tools.proof.cost import Cost, costs, start_up
from tools.proof.environment import python_of
from tools.proof.exercised import changes
from tools.proof.given import give
from tools.proof.jobs import Inputs, Job, check_parts
from tools.proof.programme import planned
from tools.proof.proof import Proof, as_json, as_markdown, judge
from tools.proof.shape import shape
from tools.proof.side import Side, write_injection
from tools.revisions import Revision, git, resolve, working_revision, worktrees

ShowEnd = Callable[[Side, Job], None]
POLL_S = 0.2


@dataclass(frozen=True)
class Proving:
    """Settings of a proof.

    Attributes:
        ref: the other revision.
        tol: how far apart fractions may lie, in proportion.
        dirty: take uncommitted files too.
        parts: of the programme.
        data: native folder to train on; ``None``: a few receipts are generated.
        training: overrides of ``train.py`` beside the programme's.
        copies: of the given images, for the measured evaluation.
        start_up_pairs: pairs of starts that are timed.
        output: folder of the proof.
        environments: folder of the environments that REF may need.
    """

    ref: str
    tol: float
    dirty: bool
    parts: list[str]
    data: str | None
    training: list[str]
    copies: int
    start_up_pairs: int
    output: str
    environments: str


def prove(wanted: Proving) -> int:
    """Revisions, worktrees, jobs, comparison, report; the exit status."""
    parts = check_parts(wanted.parts)
    ref, tree = resolve(REPOSITORY_ROOT, wanted.ref), working_revision(REPOSITORY_ROOT, dirty=wanted.dirty)
    output = Path(wanted.output).absolute()
    lock = emptied(output)
    with worktrees(REPOSITORY_ROOT, {"old": ref, "new": tree}, output / "work") as roots:
        difference = shape(REPOSITORY_ROOT, roots["old"], roots["new"], ref.commit, tree.commit)
        sides, environments = make_sides(wanted, roots, {"old": ref, "new": tree}, output)
        jobs, absent = comparable(planned(Inputs("", ""), parts), sides["old"].root)
        costs = run_jobs(wanted, parts, [job.name for job in jobs], sides, output)
        proof = Proof(judge(output, roots, wanted.tol), costs, difference, wanted.tol, absent)
    os.close(lock)
    source = {"ref": str(ref), "tree": str(tree), "machine": machine(), "environments": environments}
    tree_hash = git(REPOSITORY_ROOT, "rev-parse", f"{tree.commit}^{{tree}}")
    commits = {"ref": ref.commit, "tree": tree.commit}
    report = as_json(proof, source | {"commits": commits, "tree_hash": tree_hash})
    text = as_markdown(proof, source)
    (output / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (output / "report.md").write_text(text, encoding="utf-8")
    say(*text.split("\n"), f"{proof.verdict}: {output / 'report.md'}")
    return proof.exit_status


def emptied(output: Path) -> int:
    """Create the folder for a new proof, replacing an earlier one, and lock it against a second proof.

    Raises:
        InputError: it is a file, contains something else, or another proof is writing there.
    """
    proof = output.is_dir() and ((output / "injection").is_dir() or not any(output.iterdir()))
    if output.exists() and not proof:
        raise InputError(f"output={output} exists and is not a proof; choose another folder")
    lock = hold(output.with_name(f".{output.name}.lock"))
    if lock is None:
        raise InputError(
            f"output={output}: another proof is writing there; wait until it ends, or choose another folder"
        )
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    return lock


def make_sides(
    wanted: Proving, roots: dict[str, Path], revisions: dict[str, Revision], output: Path
) -> tuple[dict[str, Side], str]:
    """Both revisions with their packages, and the origin of these as text.

    Raises:
        InputError: REF cannot be installed.
    """
    injection = write_injection(output / "injection")
    given = output / "given"
    given.mkdir()
    changed = changes(REPOSITORY_ROOT, list(roots.values()), [revision.commit for revision in revisions.values()])
    sides, words = {}, []
    for (name, root), change in zip(roots.items(), changed, strict=True):
        label = f"REF={wanted.ref}" if name == "old" else "the working tree"
        python, origin = python_of(label, root, Path(wanted.environments).absolute(), output / f"install-{name}.log")
        words.append(f"{label}: {origin}")
        sides[name] = Side(label, root, python, output / name, injection, given)
        sides[name].describe(REPOSITORY_ROOT, revisions[name].commit, change.files)
    return sides, "; ".join(words)


def comparable(jobs: Sequence[Job], ref: Path) -> tuple[list[Job], list[str]]:
    """The jobs that REF can run, and the others in words: what REF does not have cannot have changed.

    Args:
        jobs: all.
        ref: REF's files.
    """
    absent = [f"{job.name}: REF has no {job.needs}" for job in jobs if not (ref / job.needs).exists()]
    return [job for job in jobs if (ref / job.needs).exists()], absent


def run_jobs(
    wanted: Proving, parts: list[str], names: Sequence[str], sides: dict[str, Side], output: Path
) -> list[Cost]:
    """Run the named jobs: the measured ones in turn, then the others side by side.

    Raises:
        InputError: REF itself fails at something.
    """
    ref, tree = sides["old"], sides["new"]
    ref.check_runners([job for job in planned(Inputs("", ""), parts) if job.name in names])
    data = Path(wanted.data).absolute() if wanted.data else ref.make_data(output / "data")
    give(ref.given, ref.root, data, wanted.copies)
    inputs = Inputs(str(data), str(ref.given), tuple(wanted.training))
    asked = {"inputs": asdict(inputs), "parts": parts, "jobs": names}
    (output / "inputs.json").write_text(json.dumps(asked), encoding="utf-8")
    jobs = [job for job in planned(inputs, parts) if job.name in names]
    paired = [job for job in jobs if job.paired]
    with Steps(2 * len(jobs) + 1) as steps:

        def show_end(side: Side, job: Job) -> None:
            steps.finished({"name": side.name, "status": "done", **side.took(job)})

        run_paired(ref, tree, paired, show_end)
        measured = [start_up(ref, tree, wanted.start_up_pairs)] if wanted.start_up_pairs else []
        run_beside(ref, tree, [job for job in jobs if not job.paired], show_end)
    return [*measured, *costs(ref, tree)]


def run_paired(ref: Side, tree: Side, jobs: Sequence[Job], show_end: ShowEnd) -> None:
    """Run the measured jobs, REF and the tree in turn.

    Raises:
        InputError: REF fails where it must not.
    """
    for job in jobs:
        for side in (ref, tree):
            side.run(job)
            show_end(side, job)
            if side is ref:
                side.check(job)
    if ref.checkpoint.exists():
        shutil.copy(ref.checkpoint, ref.given / "best.ckpt")


def run_beside(ref: Side, tree: Side, jobs: Sequence[Job], show_end: ShowEnd) -> None:
    """Run the other jobs, a thread for each revision.

    Raises:
        InputError: REF fails where it must not.
        Stopped: a signal asked this program to end; the commands were killed.
    """
    ending = threading.Event()

    def run_all(side: Side) -> None:
        for job in jobs:
            if ending.is_set():
                return
            side.run(job)
            show_end(side, job)
            if side is ref:
                side.check(job)

    with ThreadPoolExecutor() as pool:
        waiting = {pool.submit(run_all, side) for side in (ref, tree)}
        try:
            while waiting:
                if signum := pending_stop():
                    raise Stopped(signum)
                done, waiting = wait(waiting, POLL_S, FIRST_EXCEPTION)
                for each in done:
                    each.result()
        finally:
            ending.set()
            for side in (ref, tree):
                side.close()
