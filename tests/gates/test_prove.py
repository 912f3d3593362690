"""A proof says `equivalent` of a rename, and names the first divergence of every planted change of behaviour."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ocr.utils.runs import hold
from patience import PATIENCE_S, wait_until
from planted_checkout import Planting, commit, copy_checkout, environment, git, run_runner
from proof_plantings import FIRST, REFACTORS, WHOLE
from proving import Proving, where

CHANGES = {**FIRST, **WHOLE}
SOME = ("growth", "metric-rounding", "swapped-size", "sigterm-not-held", "log-without-a-row", "exported-stride", "help")
NOT_RUN = Planting("ocr/utils/data_store.py", "no DVC remote is set; name one", "there is no DVC remote; name one")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def proving(tmp_path_factory: pytest.TempPathFactory) -> Proving:
    return Proving(tmp_path_factory.mktemp("proving"))


@pytest.mark.slow
def test_refactors_are_equivalent(proving: Proving) -> None:
    """Four of them in one commit; every job is run."""

    def all_four(folder: Path) -> None:
        for refactor, _ in REFACTORS.values():
            refactor(folder)

    proof = proving.of(all_four)
    assert where(proof) == {}
    assert proof.unseen == []
    assert proof.verdict == "equivalent"
    assert all(row["values"] > 1 for row in proof.judges.ruling["rows"])


@pytest.mark.slow
@pytest.mark.parametrize("change", SOME)
def test_a_planted_change_is_found(proving: Proving, change: str) -> None:
    """A selection by itself; `plantings.py` does it with all of them."""
    planting, job = CHANGES[change]
    proof = proving.of(planting, job)
    assert proof.verdict == "changed"
    assert job in where(proof), where(proof)


@pytest.mark.slow
def test_all_changes_in_one_commit(proving: Proving) -> None:
    def all_of_them(folder: Path) -> None:
        for planting, _ in CHANGES.values():
            planting(folder)

    proof = proving.of(all_of_them)
    assert proof.verdict == "changed"
    assert {job for _, job in CHANGES.values()} <= where(proof).keys()


@pytest.mark.slow
def test_a_change_that_no_job_runs_is_not_seen(proving: Proving) -> None:
    proof = proving.of(NOT_RUN, "mistakes at data")
    assert proof.verdict == "not seen"
    assert any("ocr/utils/data_store.py" in line for line in proof.unseen)


@pytest.mark.slow
def test_the_whole_command(tmp_path: Path) -> None:
    """Two commits, the whole command, the report."""
    checkout = copy_checkout(tmp_path)
    REFACTORS["rename"][0](checkout)
    commit(checkout, "Say what the function returns")
    before = git(checkout, "status", "--porcelain", "--ignored")
    done = run_runner(checkout, "prove", "ref=HEAD~1", "start_up_pairs=2", "copies=2")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((checkout / "outputs" / "prove" / "report.json").read_text(encoding="utf-8"))
    assert report["verdict"] == "equivalent"
    assert report["judge"] == "REF's comparison, which the tree has unchanged"
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
    left = set(after.splitlines()) - set(before.splitlines())
    assert {line for line in left if not line.endswith("__pycache__/")} == {"!! outputs/"}


def message_of(checkout: Path, *overrides: str) -> str:
    """What a proof that cannot be made says; it must leave no worktree."""
    done = run_runner(checkout, "prove", *overrides)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert git(checkout, "worktree", "list").count("\n") == 0
    return done.stderr


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["ref=nowhere"], "ref=nowhere: this repository has no such revision"),
        (["ref=HEAD", "parts=[traning]"], "parts=['traning']: there are"),
        (["ref=HEAD", "parts=[test]"], "test: resumed from the part training"),
    ],
)
def test_what_cannot_be_proved_is_said(checkout: Path, overrides: list[str], said: str) -> None:
    assert said in message_of(checkout, *overrides)


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
    assert "REF=early has no runners/predict.py, which the part 'test' runs" in message


@pytest.mark.slow
def test_a_revision_that_does_not_install(checkout: Path) -> None:
    """Its lock names a package that there is not; its own environment is tried, and its failure told."""
    lock = checkout / "requirements" / "base.lock"
    lock.write_text("no-such-package-of-ours==1.0 --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    commit(checkout, "a lock that cannot be installed")
    git(checkout, "tag", "broken")
    git(checkout, "reset", "--quiet", "--hard", "HEAD~1")
    message = message_of(checkout, "ref=broken")
    assert "REF=broken cannot be installed" in message
    assert "no-such-package-of-ours" in message


def test_a_folder_that_holds_something_else_is_left_alone(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    assert "exists and is not a proof" in message_of(checkout, "ref=HEAD", f"output={tmp_path}")
    assert (tmp_path / "thesis.tex").exists()


def test_a_stopped_proof_leaves_no_worktree(checkout: Path) -> None:
    shutil.rmtree(checkout / "outputs", ignore_errors=True)  # of an earlier proof, which says nothing of this one
    proof = subprocess.Popen(
        [sys.executable, "runners/prove.py", "ref=HEAD"],
        cwd=checkout,
        env=environment(checkout),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until((checkout / "outputs" / "prove" / "old").exists, proof)
    proof.send_signal(signal.SIGTERM)
    _, said = proof.communicate(timeout=PATIENCE_S)
    assert proof.returncode == 143
    assert "stopped by SIGTERM" in said
    assert git(checkout, "worktree", "list").count("\n") == 0


def test_a_second_proof_in_the_same_folder_waits_for_no_one(checkout: Path) -> None:
    lock = hold(checkout / "outputs" / ".prove.lock")
    assert lock is not None
    try:
        assert "another proof is writing there" in message_of(checkout, "ref=HEAD")
    finally:
        os.close(lock)


@pytest.mark.slow
def test_a_part_by_itself_knows_its_clocks(checkout: Path) -> None:
    done = run_runner(checkout, "prove", "ref=HEAD", "parts=[training]", "start_up_pairs=0")
    assert done.returncode == 0, done.stdout + done.stderr
