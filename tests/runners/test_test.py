"""Scoring a checkpoint, as a user types it."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ocr.formats.native import read_native
from ocr.utils.path_utils import REPOSITORY_ROOT
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


def test_what_a_recogniser_reads_is_written_for_the_page_of_lines_read_wrong(
    run_runner, tiny_data: Path, tmp_path: Path
) -> None:
    given = [f"data.root={tiny_data}", "data.granularity=word", "split=val", "data.num_workers=0"]
    weights = f"checkpoint_path={REPOSITORY_ROOT / 'weights' / 'lines.safetensors'}"
    tested = run_runner("test", weights, *given, "trainer.accelerator=cpu", "hydra.run.dir=found", cwd=tmp_path)
    assert tested.returncode == 0, tested.stderr
    figures = json.loads((tmp_path / "found" / "metrics.json").read_text(encoding="utf-8"))["test"]
    truth = read_native(tiny_data / "jsons" / "val.json")
    read = read_native(tmp_path / "found" / "predictions.json")
    assert [record.image_path for record in read] == [record.image_path for record in truth]
    words = [word for record in read for word in record.words.values()]
    assert len(words) == sum(len(record.words) for record in truth)
    assert all(word.transcription is not None and 0 <= (word.confidence or 0) <= 1 for word in words)

    files = [f"ground_truth={tiny_data}/jsons/val.json", "predictions=found/predictions.json"]
    scored = run_runner("evaluate", *files, "text_report=page.html", cwd=tmp_path)
    assert scored.returncode == 0, scored.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"<dt>lines</dt><dd>{len(words)}</dd>" in page
    assert f"<dt>cer, %</dt><dd>{100 * figures['text/cer']:.2f}</dd>" in page
