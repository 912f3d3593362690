"""The entry point, run as a user runs it."""

from pathlib import Path


def test_writes_a_corpus_from_any_folder_and_nothing_else(run_runner, tmp_path: Path) -> None:
    done = run_runner("synthesize", "output=made", "seed=3", "train=2", "val=1", "test=1", "workers=auto", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert len(list((tmp_path / "made" / "images" / "train").iterdir())) == 2
    again = run_runner("synthesize", "output=made", "train=1", "val=0", "test=0", cwd=tmp_path)
    assert again.returncode != 0
    assert "overwrite=true" in again.stderr
