"""Names that would clear the screen, write lines of their own or turn the writing: no program prints them so."""

import json
import shutil
import unicodedata
from pathlib import Path

import pytest

from ocr.utils.path_utils import REPOSITORY_ROOT

OURS = f"checkpoint_path={REPOSITORY_ROOT / 'weights' / 'receipts.safetensors'}"
EVIL = "\x1b[2J\x1b]0;title\x07\nInputError: all is well\r\u202egpj.\x9b31m\x7f"
STAYS = "\\x1b[2J\\x1b]0;title\\x07\\nInputError: all is well\\r\\u202egpj.\\x9b31m\\x7f"


@pytest.fixture
def data(tiny_data: Path, tmp_path: Path) -> Path:
    """Data whose first image of each split has such a name, and cannot be decoded."""
    root = tmp_path / "data"
    shutil.copytree(tiny_data, root)
    for split in ("train", "val", "test"):
        file = root / "jsons" / f"{split}.json"
        images = json.loads(file.read_text(encoding="utf-8"))["images"]
        first = next(iter(images))
        renamed = {(f"{EVIL}{first}" if name == first else name): entry for name, entry in images.items()}
        file.write_text(json.dumps({"images": renamed}), encoding="utf-8")
        (root / "images" / split / first).unlink()
        (root / "images" / split / f"{EVIL}{first}").write_bytes(b"no image")
    return root


def seen(process, folder: Path) -> str:
    """All that a program said, on the terminal and in its logs, after a look for what moves a cursor."""
    logs = [path.read_text(encoding="utf-8") for path in folder.rglob("*.log")]
    text = "\n".join([process.stdout, process.stderr, *logs])
    assert not [sign for sign in text if sign not in "\n\r\t" and unicodedata.category(sign) in {"Cc", "Cf"}]
    assert "\rgpj" not in text
    assert not [line for line in text.splitlines() if line.startswith("InputError: all")]
    assert STAYS in text
    return text


WITH_DATA = {
    "test": (OURS, "split=test", "data.on_error=skip", "data.long_side=64"),
    "check": ("workers=0",),
    "convert": ("format=native", "split=val", "output=converted"),
    "evaluate": ("predictions=none.json",),
    "predict": (OURS, "output=found", "data.long_side=64", "table=true"),
}


@pytest.mark.parametrize("program", WITH_DATA)
def test_what_is_skipped_or_left_out_is_named_on_one_line(run_runner, data: Path, tmp_path: Path, program: str) -> None:
    where = {
        "test": f"data.root={data}",
        "evaluate": f"ground_truth={data / 'jsons' / 'val.json'}",
        "convert": f"input={data / 'jsons' / 'val.json'}",
        "check": f"input={data}",
        "predict": f"input={data / 'images' / 'val'}",
    }[program]
    (tmp_path / "none.json").write_text('{"images": {}}')
    process = run_runner(program, where, *WITH_DATA[program], cwd=tmp_path)
    assert "Traceback" not in process.stderr
    seen(process, tmp_path / "outputs")


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("on_error", ["skip", "raise"])
def test_a_training_and_its_log_do_so(run_runner, data: Path, tmp_path: Path, on_error: str, workers: int) -> None:
    given = ("debug=fast", f"data.root={data}", f"data.on_error={on_error}", f"data.num_workers={workers}")
    process = run_runner("train", *given, "logger.wandb.enabled=false", cwd=tmp_path)
    text = seen(process, tmp_path / "outputs")
    assert process.returncode == (1 if on_error == "raise" else 0)
    assert "Traceback" not in text


@pytest.mark.slow
def test_tune_does_so(run_runner, data: Path, taught_checkpoint: Path, tmp_path: Path) -> None:
    given = (
        f"checkpoint_path={taught_checkpoint}",
        f"data.root={data}",
        "data.on_error=skip",
        "folds=0",
        "write=false",
    )
    process = run_runner("tune", *given, "workers=0", cwd=tmp_path)
    seen(process, tmp_path / "outputs")


def test_merge_names_a_part_on_one_line(run_runner, tmp_path: Path) -> None:
    (tmp_path / f"predictions-{EVIL}-of-002.json").write_text("[]")
    process = run_runner("merge", f"input={tmp_path}", cwd=tmp_path)
    assert process.returncode == 1
    seen(process, tmp_path)
