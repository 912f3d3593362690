"""Scoring a checkpoint, as a user types it."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from refusals import assert_refused


def test_gives_the_figures_of_training(run_runner, tiny_training: SimpleNamespace, tiny_data: Path) -> None:
    checkpoint = tiny_training.best
    process = run_runner("test", f"checkpoint_path={checkpoint}", f"data.root={tiny_data}", cwd=tiny_training.folder)
    assert process.returncode == 0, process.stderr
    assert "cleval/hmean" in process.stdout
    (written,) = tiny_training.folder.glob("outputs/test/*/metrics.json")
    trained = json.loads((tiny_training.run / "metrics.json").read_text(encoding="utf-8"))
    tested = json.loads(written.read_text(encoding="utf-8"))
    assert tested["test"] == pytest.approx(trained["test"], abs=1e-9)
    assert tested["checkpoint"] == str(checkpoint)


def test_two_processes_give_the_figures_of_one(
    run_runner, tiny_training: SimpleNamespace, tiny_data: Path, tmp_path: Path
) -> None:
    checkpoint = tiny_training.best
    process = run_runner(
        "test",
        f"checkpoint_path={checkpoint}",
        f"data.root={tiny_data}",
        "data.num_workers=0",
        "trainer.accelerator=cpu",
        "trainer.devices=2",
        "trainer.strategy=ddp",
        cwd=tmp_path,
    )
    assert process.returncode == 0, process.stderr
    (written,) = tmp_path.glob("outputs/test/*/metrics.json")
    trained = json.loads((tiny_training.run / "metrics.json").read_text(encoding="utf-8"))
    assert json.loads(written.read_text(encoding="utf-8"))["test"] == pytest.approx(trained["test"], abs=1e-6)


def test_a_truncated_checkpoint_is_told_plainly(run_runner, tiny_training: SimpleNamespace, tmp_path: Path) -> None:
    whole = (tiny_training.best).read_bytes()
    (tmp_path / "cut.ckpt").write_bytes(whole[: len(whole) // 2])
    process = run_runner("test", "checkpoint_path=cut.ckpt", cwd=tmp_path)
    assert_refused(process, "CheckpointError: cut.ckpt: is not a readable checkpoint")


def test_without_the_default_weights_it_says_where_they_are(run_runner, tmp_path: Path) -> None:
    process = run_runner("test", cwd=tmp_path)
    assert_refused(process, "weights/receipts.safetensors: no such file; run from the repository's top folder")


def test_says_what_must_be_given(run_runner, tmp_path: Path) -> None:
    process = run_runner("tune", cwd=tmp_path)
    assert_refused(process, "checkpoint_path= must be given")
