"""A proof says `equivalent` of a rename, and names the first divergence of every planted change of behaviour."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ocr.utils.runs import hold
from ocr.validation.jobs import RUNNERS, Inputs, jobs, make_data, write_many
from ocr.validation.proof import Proof, compare
from ocr.validation.shape import Shape
from ocr.validation.side import Side, write_injection
from patience import PATIENCE_S, wait_until
from planted_checkout import Planting, commit, copy_checkout, environment, git, run_runner

Seen = Callable[[Path, str], Side]

# What is planted, the part in which the proof must find it, and where the first divergence lies.
CHANGES = {
    "loss-weight": (
        Planting("configs/train.yaml", "dice_weight: 1.0", "dice_weight: 1.01"),
        "training",
        "figure val/loss",
    ),
    "augmentation-order": (
        Planting(
            "ocr/data/dataset.py",
            (
                "        image_HWC, matrix_33 = self.crop(picture.image_HWC, centres_N2, rng)\n"
                "        image_HWC = self.photometric(image_HWC, rng)\n"
            ),
            "        image_HWC, matrix_33 = self.crop(self.photometric(picture.image_HWC, rng), centres_N2, rng)\n",
        ),
        "training",
        "training step 1, batch",
    ),
    "shuffle": (
        Planting(
            "ocr/data/sampler.py",
            "np.random.default_rng([self.seed, self.epoch]).permutation",
            "np.random.default_rng([self.epoch, self.seed + 1]).permutation",
        ),
        "training",
        "training step 1, batch",
    ),
    "threshold": (
        Planting("configs/train.yaml", "binary_thresh: 0.3", "binary_thresh: 0.31"),
        "command line",
        "train.yaml, postprocess.binary_thresh: 0.3 -> 0.31",
    ),
    "no-ema": (
        Planting("configs/callbacks/default.yaml", "ema:\n  enabled: true", "ema:\n  enabled: false"),
        "training",
        "validation of a training after step 8, batch 1, weights in use",
    ),
    "learning-rate-off-by-one": (
        Planting(
            "ocr/training/schedule.py",
            "progress = min(max(step - warmup_steps, 0)",
            "progress = min(max(step + 1 - warmup_steps, 0)",
        ),
        "training",
        "learning rate of group 0",
    ),
    "no-random-states-on-resume": (
        Planting(
            "ocr/training/resume.py", "            restore_random_state(self._random_state)\n", "            pass\n"
        ),
        "resume",
        "training step 6, random states",
    ),
    "metric-rounding": (
        Planting(
            "ocr/metrics/evaluator.py",
            'f"cleval/{name}": float(getattr(cleval, name))',
            'f"cleval/{name}": round(float(getattr(cleval, name)), 4)',
        ),
        "evaluate",
        "evaluate 1, figures.cleval/hmean",
    ),
    "float64": (
        Planting(
            "ocr/losses/masked_l1.py", "prediction.float() - target.float()", "prediction.double() - target.double()"
        ),
        "training",
        "figure val/",
    ),
    "default": (Planting("configs/train.yaml", "lr: 0.003", "lr: 0.0031"), "training", "training step 1, "),
    "ema-warm-up": (
        Planting(
            "ocr/training/averaging.py",
            "min(decay, (1.0 + count) / (10.0 + count))",
            "min(decay, (1.0 + count) / (9.0 + count))",
        ),
        "training",
        "validation of a training after step 8, batch 1, weights in use",
    ),
    "exit-status": (
        Planting(
            "runners/launch.py", "file=sys.stderr)\n    return stop.exit_status", "file=sys.stderr)\n    return 0"
        ),
        "stop",
        "stop, exit status: 130 -> 0",
    ),
    "growth": (
        Planting("ocr/postprocess/unclip.py", "CORNERS * (2.0 - kept)", "CORNERS * (2.001 - kept)"),
        "predict",
        "points",
    ),
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """``seen(checkout, name)`` runs every job of a proof in it; the first call makes what all are given."""
    top = tmp_path_factory.mktemp("proof")
    injection = write_injection(top / "injection")
    given: list[Inputs] = []

    def run(checkout: Path, name: str) -> Side:
        side = Side(name, checkout, Path(sys.executable), top / name, injection)
        side.work.mkdir()
        if not given:
            data = make_data(side, top / "data")
            given.append(Inputs(data, write_many(data, top / "many", 2), (), side))
        for job in jobs(given[0], list(RUNNERS)):
            job.run(side)
        return side

    return run


@pytest.fixture(scope="module")
def ref(checkout: Path, seen: Seen) -> Side:
    return seen(checkout, "ref")


def proof_of(ref: Side, tree: Side, tol: float = 0.0) -> Proof:
    return compare(ref, tree, [], Shape({}, {}), tol)


@pytest.mark.slow
def test_a_revision_is_the_same_as_itself(ref: Side, checkout: Path, seen: Seen) -> None:
    proof = proof_of(ref, seen(checkout, "again"))
    assert proof.verdict == "equivalent"
    assert all(part.values > 1 for part in proof.parts)
    assert sum(part.values for part in proof.parts) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_planted_change_is_found(ref: Side, checkout: Path, seen: Seen, change: str) -> None:
    planting, part, where = CHANGES[change]
    planting(checkout)
    try:
        proof = proof_of(ref, seen(checkout, change))
    finally:
        git(checkout, "checkout", "--quiet", ".")
    assert proof.verdict == "changed"
    diverging = {found.name: str(found.exact) for found in proof.parts if found.exact is not None}
    assert where in diverging[part], diverging


@pytest.mark.slow
def test_a_rename_is_equivalent(tmp_path: Path) -> None:
    """Two commits, the whole command, the report."""
    checkout = copy_checkout(tmp_path)
    for path in (checkout / "ocr").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("growth_to_area", "offset_for_area"), encoding="utf-8")
    commit(checkout, "Say what the function returns")
    before = git(checkout, "status", "--porcelain", "--ignored")
    done = run_runner(checkout, "prove", "ref=HEAD~1", "start_up_pairs=2", "copies=2")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((checkout / "outputs" / "prove" / "report.json").read_text(encoding="utf-8"))
    assert report["verdict"] == "equivalent"
    assert {cost["name"].split(" (")[0] for cost in report["costs"]} == {
        "start-up",
        "training step",
        "wait for data, a step",
        "peak memory of a process",
        "metric",
    }
    assert report["shape"]["places"].keys() == {"ocr"}
    assert "**equivalent**" in (checkout / "outputs" / "prove" / "report.md").read_text(encoding="utf-8")
    assert git(checkout, "worktree", "list").count("\n") == 0
    after = git(checkout, "status", "--porcelain", "--ignored")
    assert set(after.splitlines()) - set(before.splitlines()) <= {"!! outputs/", "!! ocr/__pycache__/"}


def message_of(checkout: Path, *overrides: str) -> str:
    """What a proof that cannot be made says; it must leave no worktree."""
    done = run_runner(checkout, "prove", *overrides)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert git(checkout, "worktree", "list").count("\n") == 0
    return done.stderr


def test_a_revision_that_is_not_there(checkout: Path) -> None:
    message = message_of(checkout, "ref=nowhere")
    assert "ref=nowhere: this repository has no such revision" in message


def test_a_dirty_tree(checkout: Path) -> None:
    (checkout / "new.txt").touch()
    try:
        message = message_of(checkout, "ref=HEAD")
    finally:
        (checkout / "new.txt").unlink()
    assert "1 files differ from the last commit (?? new.txt)" in message
    assert "DIRTY=1" in message


def test_a_revision_from_before_a_runner(checkout: Path) -> None:
    git(checkout, "branch", "old")
    git(checkout, "rm", "--quiet", "runners/predict.py")
    commit(checkout, "no predict")
    git(checkout, "tag", "early")
    git(checkout, "reset", "--quiet", "--hard", "old")
    message = message_of(checkout, "ref=early")
    assert "REF=early has no runners/predict.py, which the part 'predict' runs" in message


def test_a_revision_that_does_not_install(checkout: Path) -> None:
    """Its lock names a package that there is not; its own environment is tried, and its failure told."""
    lock = checkout / "requirements" / "base.lock"
    lock.write_text("no-such-package-of-ours==1.0 --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    commit(checkout, "a lock that cannot be installed")
    git(checkout, "tag", "broken")
    git(checkout, "reset", "--quiet", "--hard", "HEAD~1")
    message = message_of(checkout, "ref=broken")
    assert "REF=broken does not install" in message
    assert "no-such-package-of-ours" in message


def test_a_folder_that_holds_something_else_is_left_alone(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    assert "is something else than an earlier proof" in message_of(checkout, "ref=HEAD", f"output={tmp_path}")
    assert (tmp_path / "thesis.tex").exists()


def test_a_stopped_proof_leaves_no_worktree(checkout: Path) -> None:
    proof = subprocess.Popen(
        [sys.executable, "runners/prove.py", "ref=HEAD"],
        cwd=checkout,
        env=environment(checkout),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until((checkout / "outputs" / "prove" / "ref").exists, proof)
    proof.send_signal(signal.SIGTERM)
    _, said = proof.communicate(timeout=PATIENCE_S)
    assert proof.returncode == 143
    assert "stopped by SIGTERM" in said
    assert git(checkout, "worktree", "list").count("\n") == 0


def test_a_part_that_is_not_there(checkout: Path) -> None:
    assert "parts=['traning']: there are" in message_of(checkout, "ref=HEAD", "parts=[traning]")
    assert "test go on from the part training" in message_of(checkout, "ref=HEAD", "parts=[test]")


def test_a_second_proof_in_the_same_folder_waits_for_no_one(checkout: Path) -> None:
    lock = hold(checkout / "outputs" / ".prove.lock")
    assert lock is not None
    try:
        assert "another proof writes there" in message_of(checkout, "ref=HEAD")
    finally:
        os.close(lock)


@pytest.mark.slow
def test_a_part_by_itself_knows_its_clocks(checkout: Path) -> None:
    done = run_runner(checkout, "prove", "ref=HEAD", "parts=[training]", "start_up_pairs=0")
    assert done.returncode == 0, done.stdout + done.stderr
