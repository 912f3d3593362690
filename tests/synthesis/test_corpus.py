"""A corpus on disk: complete, the same however it is made, and never in the way of other files."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from PIL import Image

from ocr.synthesis.corpus import OutputExistsError, generate_corpus

COUNTS = {"train": 3, "val": 1, "test": 2}


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("corpus") / "data"
    generate_corpus(output, COUNTS, seed=1, workers=0)
    return output


def test_splits_hold_what_was_asked_for(corpus: Path) -> None:
    assert sorted(path.name for path in corpus.iterdir()) == ["images", "jsons"]
    for split, count in COUNTS.items():
        images = json.loads((corpus / "jsons" / f"{split}.json").read_text())["images"]
        files = sorted(path.name for path in (corpus / "images" / split).iterdir())
        assert sorted(images) == files
        assert len(files) == count
        for name, entry in images.items():
            with Image.open(corpus / "images" / split / name) as image:
                assert image.size == (entry["img_w"], entry["img_h"])
                assert (image.format, image.mode) == ("JPEG", "RGB")
            assert all({"points", "transcription", "line"} <= set(word) for word in entry["words"].values())


@pytest.mark.parametrize("workers", [1, 2])
def test_bytes_do_not_depend_on_workers(corpus: Path, tmp_path: Path, workers: int) -> None:
    generate_corpus(tmp_path / "data", COUNTS, seed=1, workers=workers)
    assert digest(tmp_path / "data") == digest(corpus)


def test_a_receipt_does_not_depend_on_the_counts(corpus: Path, tmp_path: Path) -> None:
    generate_corpus(tmp_path / "data", {"val": 2}, seed=1, workers=0)
    name = "images/val/receipt_val_00000.jpg"
    assert digest(tmp_path / "data")[name] == digest(corpus)[name]


def test_progress_is_reported_once_per_receipt(tmp_path: Path) -> None:
    calls: list[None] = []
    generate_corpus(tmp_path / "data", {"val": 2}, seed=0, workers=0, on_receipt=lambda: calls.append(None))
    assert len(calls) == 2


def test_an_existing_corpus_is_kept_unless_overwritten(tmp_path: Path) -> None:
    output = tmp_path / "data"
    generate_corpus(output, {"val": 1}, seed=0, workers=0)
    before = digest(output)
    with pytest.raises(OutputExistsError, match="overwrite=true"):
        generate_corpus(output, {"val": 1}, seed=1, workers=0)
    assert digest(output) == before
    generate_corpus(output, {"test": 1}, seed=1, workers=0, overwrite=True)
    assert [path.name for path in (output / "images").iterdir()] == ["test"]
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_other_files_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputExistsError, match=r"thesis\.txt"):
        generate_corpus(tmp_path / "data", {"val": 1}, seed=0, workers=0, overwrite=True)
    with pytest.raises(OutputExistsError, match="is a file"):
        generate_corpus(tmp_path / "data" / "thesis.txt", {"val": 1}, seed=0, workers=0, overwrite=True)
    assert (tmp_path / "data" / "thesis.txt").read_text() == "years of work"


def test_a_mount_point_is_filled_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's volume can neither be renamed nor filled by a rename from its parent, another file system."""
    output = tmp_path / "data"
    output.mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda path: path == output)
    rename, seen = Path.rename, []

    def checked_rename(path: Path, target: Path) -> Path:
        assert path.is_relative_to(output)
        assert path != output
        assert target.is_relative_to(output)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", checked_rename)
    (output / ".data.99.tmp" / "images").mkdir(parents=True)  # what a killed run left
    watch = lambda: seen.append(sorted(path.name for path in output.iterdir()))  # noqa: E731
    generate_corpus(output, {"val": 1}, seed=0, workers=0, on_receipt=watch)
    assert seen == [[f".data.{os.getpid()}.tmp"]]
    assert sorted(path.name for path in output.iterdir()) == ["images", "jsons"]
    before = digest(output)
    generate_corpus(output, {"test": 1}, seed=0, workers=0, overwrite=True)
    assert sorted(path.name for path in output.iterdir()) == ["images", "jsons"]
    assert digest(output).keys().isdisjoint(before)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("mount", [False, True])
def test_what_only_looks_like_a_leftover_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mount: bool) -> None:
    output = tmp_path / "data"
    output.mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda path: mount and path == output)
    (output / ".data.notes").write_text("mine")
    with pytest.raises(OutputExistsError, match=r"holds \.data\.notes, not a corpus"):
        generate_corpus(output, {"val": 1}, seed=0, workers=0)
    assert (output / ".data.notes").read_text() == "mine"


def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_corpus(tmp_path / "data", {"val": 3}, seed=0, workers=0, on_receipt=interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("counts", "seed", "workers", "message"),
    [
        ({}, 0, 0, "has no split"),
        ({"val": -1}, 0, 0, "'val': count is -1"),
        ({"../val": 1}, 0, 0, "cannot be a folder name"),
        ({"val": 1}, -4, 0, "seed is -4"),
        ({"val": 1}, 0, -2, "workers is -2"),
    ],
)
def test_numbers_out_of_range_are_named(
    tmp_path: Path, counts: dict[str, int], seed: int, workers: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        generate_corpus(tmp_path / "data", counts, seed, workers)
    assert not (tmp_path / "data").exists()
