"""Proofs of what is planted: REF is run once, then a tree for each planting, with the jobs that it needs."""

import json
import shutil
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from planted_checkout import commit, copy_checkout, git
from tools.proof.exercised import changes, every_unit
from tools.proof.given import give
from tools.proof.jobs import AFTER_TRAINING, PARTS, Inputs, Job
from tools.proof.judge import judged
from tools.proof.programme import planned
from tools.proof.proof import Judges, Proof
from tools.proof.shape import Shape
from tools.proof.side import Side, write_injection
from tools.revisions import resolve, worktrees


class Proving:
    """A copy of the checkout, REF run in it, and trees that are compared with that.

    Args:
        folder: an empty one.
        parts: the jobs that REF runs.
    """

    def __init__(self, folder: Path, parts: Sequence[str] = PARTS) -> None:
        (folder / "checkout").mkdir()
        self.checkout = copy_checkout(folder / "checkout")
        self.proof = folder / "proof"
        self.proof.mkdir()
        self.injection = write_injection(self.proof / "injection")
        (self.proof / "given").mkdir()
        root = self.proof / "work" / "old"  # as far down as the trees: what is printed breaks at the same places
        git(self.checkout, "worktree", "add", "--quiet", "--detach", str(root))
        self.ref = self.side("old", root, sorted({unit.file for unit in every_unit(root)}))
        data = self.ref.make_data(self.proof / "data")
        give(self.ref.given, root, data, 2)
        self.inputs = Inputs(str(data), str(self.ref.given))
        self.run(self.ref, planned(self.inputs, parts))

    def side(self, name: str, root: Path, files: Sequence[str]) -> Side:
        """A revision that can be run."""
        side = Side(name, root, Path(sys.executable), self.proof / name, self.injection, self.proof / "given")
        side.describe(self.checkout, git(root, "rev-parse", "HEAD"), files)
        return side

    def run(self, side: Side, jobs: Sequence[Job]) -> None:
        """Run some jobs, one after the other."""
        try:
            for job in jobs:
                side.run(job)
                if side is self.ref:
                    side.check(job)
                    if job.name == "training":
                        (side.given / "best.ckpt").write_bytes(side.checkpoint.read_bytes())
        finally:
            side.close()

    def of(self, change: Callable[[Path], None], *names: str) -> Proof:
        """Plant a change, run some jobs (all where none is named), compare."""
        ref = resolve(self.checkout, "HEAD")
        try:
            change(self.checkout)
            commit(self.checkout, "planted")
            tree = resolve(self.checkout, "HEAD")
        finally:
            git(self.checkout, "reset", "--quiet", "--hard", ref.commit)
        jobs = [job for job in planned(self.inputs, PARTS) if job.name in needed(names) or not names]
        asked = {"inputs": asdict(self.inputs), "parts": PARTS, "jobs": [job.name for job in jobs]}
        (self.proof / "inputs.json").write_text(json.dumps(asked))
        shutil.rmtree(self.proof / "new", ignore_errors=True)
        with worktrees(self.checkout, {"new": tree}, self.proof / "work") as roots:
            places = [self.ref.root, roots["new"]]
            changed = changes(self.checkout, places, [ref.commit, tree.commit])
            self.run(self.side("new", roots["new"], changed[1].files), jobs)
            found: dict[str, Any] = judged(self.proof, 0.0)
        return Proof(Judges(found, "this comparison", ""), [], Shape({}, {}), 0.0)


def needed(names: Collection[str]) -> set[str]:
    """Some jobs with those that they go on from."""
    return {*names, *(("stop",) if "resume" in names else ()), *(("training",) if "own checkpoint" in names else ())}


def parts_of(names: Collection[str]) -> list[str]:
    """The parts of some jobs and of those that they, or what they are given, go on from."""
    parts = {job.part for job in planned(Inputs("", ""), PARTS) if job.name in names}
    return [part for part in PARTS if part in parts or (part == "training" and parts & set(AFTER_TRAINING))]


def where(proof: Proof) -> dict[str, str]:
    """The first divergence of each job that has one."""
    found = [row for row in proof.judges.ruling["rows"] if row["exact"]]
    return {row["job"]: f"{row['exact'][0]['at']}, {row['exact'][0]['what']}" for row in found}
