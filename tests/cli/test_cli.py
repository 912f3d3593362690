"""`receipt-ocr` as a user types it: the runners' work, messages and exit statuses, without Hydra."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ocr import __version__
from ocr.cli import main as module
from ocr.cli.main import as_options, last_message, main
from ocr.formats.native import read_native
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S, wait_until

COMMAND = [sys.executable, "-c", "import sys; from ocr.cli.main import main; sys.exit(main())"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY_ROOT), "COLUMNS": "200"}


def run(*typed: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, typed)]
    return subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """The signals stay as the tests have them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "hold_signals", lambda: None)
    monkeypatch.setattr(module, "raise_signals", lambda: None)
    return monkeypatch


def call(monkeypatch: pytest.MonkeyPatch, *typed: object) -> int | str:
    monkeypatch.setattr(sys, "argv", ["receipt-ocr", *map(str, typed)])
    return main()


def test_evaluate_scores_what_was_read(
    in_process: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {"1": {"points": [[0, 0], [90, 0], [90, 20], [0, 20]], "transcription": "TOTAL 4.50"}}
    for name, text in (("truth.json", "TOTAL 4.50"), ("found.json", "Total 4.5O")):
        content = {"images": {"a.jpg": {"words": {"1": {**words["1"], "transcription": text, "confidence": 0.9}}}}}
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    assert not call(in_process, "evaluate", "truth.json", "found.json", "--per-image")
    report = json.loads(capsys.readouterr().out)
    assert report["figures"]["text_all/cer_bare"] == report["per_image"][0]["text_all/cer_bare"] == 1 / 9
    assert report["figures"]["cleval/hmean"] == 1


def test_detect_writes_what_the_runner_writes_and_evaluate_scores_it(tiny_data: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(tiny_data / "images" / "val", photos)
    (photos / "broken.jpg").write_bytes(b"")
    found = run(
        *("detect", "photos", "-o", "found", "--csv", "--overlays", "--table", "--device", "cpu"),
        *("--engine", "torch", "--long-side", 640),
        cwd=tmp_path,
    )
    assert found.returncode == 1, found.stderr
    assert "1 of 3 images left out" in found.stderr
    assert "broken.jpg: the file is empty" in found.stderr
    assert "2 images" in found.stdout
    written = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "found").rglob("*.*")}
    assert written == {
        "found/predictions.json",
        "found/predictions.csv",
        *(f"found/overlays/val_{number}.png" for number in (0, 1)),
    }

    truth = tiny_data / "jsons" / "val.json"
    scored = run("evaluate", truth, "found/predictions.json", "--granularity", "line", "--per-image", cwd=tmp_path)
    assert scored.returncode == 0, scored.stderr
    result = json.loads(scored.stdout)
    assert result["figures"]["cleval/recall"] > 0.5
    assert {each["image"] for each in result["per_image"]} == {"val_0.png", "val_1.png"}


def test_shards_are_merged(in_process: pytest.MonkeyPatch, tiny_data: Path, tmp_path: Path) -> None:
    options = ("--engine", "torch", "--device", "cpu", "--long-side", 320, "--num-workers", 0)
    for shard in ("1/2", "2/2"):
        assert call(in_process, "detect", tiny_data / "images" / "val", "-o", "parts", "--shard", shard, *options) == 0
    assert call(in_process, "merge", "parts") == 0
    assert len(read_native(tmp_path / "parts" / "predictions.json")) == 2
    assert call(in_process, "merge", "parts") == (
        "InputError: parts/predictions.json exists; choose another output= or give --overwrite to replace it"
    )


def test_read_writes_what_the_runner_writes(in_process: pytest.MonkeyPatch, tiny_data: Path, tmp_path: Path) -> None:
    options = ("--engine", "torch", "--device", "cpu", "--long-side", 320, "--num-workers", 0)
    image = tiny_data / "images" / "val" / "val_0.png"
    formats = ("--formats", "text", "csv", "pdf", "--overlays", "--extractor", "rules")
    assert call(in_process, "read", image, "-o", "read", *formats, *options) == 0
    files = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "read").rglob("*.*")}
    names = ("predictions.json", "predictions.csv", "text/val_0.txt", "pdf/val_0.pdf", "overlays/val_0.png")
    assert files == {f"read/{name}" for name in (*names, "receipts.csv", "items.csv")}
    text = (tmp_path / "read" / "text" / "val_0.txt").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 4
    scan = tmp_path / "read" / "pdf" / "val_0.pdf"  # its own text is above a picture, and not taken
    assert (
        call(
            in_process, "read", scan, "-o", "again", "--dpi", 72, "--pdf-text", "auto", "--extractor", "false", *options
        )
        == 0
    )
    assert "fields" not in (tmp_path / "again" / "predictions.json").read_text(encoding="utf-8")
    assert (tmp_path / "again" / "text" / "val_0.txt").read_text(encoding="utf-8") == text
    message = call(in_process, "read", image, "-o", "new", "--formats", "word", *options)
    assert message == "InputError: formats: 'word' is unknown; use some of json, csv, text, hocr, alto, page, pdf"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            ("read", "a.jpg", "b.jpg", "c.jpg", "-o", "read"),
            "unrecognized arguments: b.jpg c.jpg; INPUT is one argument",
        ),
        (("detect", "-o", "found", "a.jpg", "b.jpg"), "quote a glob, as in 'photos/*.jpg'"),
        (("read", "a.jpg", "-o", "read", "--wide"), "unrecognized arguments: --wide\n"),
        (("read", "a.jpg", "-o", "read", "--format", "text"), "--format text; did you mean --formats?\n"),
        (("merge", "a", "b"), "unrecognized arguments: b\n"),
    ],
)
def test_a_glob_that_the_shell_has_expanded_is_named(
    in_process: pytest.MonkeyPatch, typed: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        call(in_process, *typed)
    assert message in capsys.readouterr().err


def test_export_writes_the_weights_again(in_process: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = REPOSITORY_ROOT / "weights" / "receipts.safetensors"
    assert call(in_process, "export", source, "mine.safetensors", "--long-side", 640) == 0
    assert (tmp_path / "mine.safetensors").stat().st_size > 2_000_000
    assert "exists" in str(call(in_process, "export", source, "mine.safetensors"))
    assert "--overwrite" in str(call(in_process, "export", source, "mine.safetensors"))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (("detect", "none", "-o", "x"), "InputError: input=none: does not exist"),
        (("detect", "none", "-o", "x", "--threads", "0"), "InputError: --threads 0: must be a whole number"),
        (("detect", "none", "-o", "x", "--shard", "9/2"), "InputError: --shard 9/2: must be number/count"),
        (("evaluate", "none.json", "none.json"), "AnnotationError: none.json: cannot be read"),
        (("export", "none.ckpt", "x.pt"), "InputError: x.pt: must end in .onnx or .safetensors"),
        (("merge", "none"), "InputError: none: no predictions-*-of-*.json found"),
    ],
)
def test_what_is_wrong_ends_with_its_message(
    in_process: pytest.MonkeyPatch, typed: tuple[str, ...], message: str
) -> None:
    assert str(call(in_process, *typed)).startswith(message)


@pytest.mark.parametrize(
    "typed", [(), ("dtect",), ("detect", "photos"), ("detect", "a", "-o", "b", "--mode", "x"), ("export", "a")]
)
def test_a_wrong_command_line_ends_with_2(in_process: pytest.MonkeyPatch, typed: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as stop:
        call(in_process, *typed)
    assert stop.value.code == 2


def test_the_version_comes_at_once(tmp_path: Path) -> None:
    code = "import atexit, sys; atexit.register(lambda: print('numpy' in sys.modules)); sys.argv = ['', '--version']; "
    done = subprocess.run(
        [*COMMAND[:2], code + COMMAND[2]], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"receipt-ocr {__version__}\nFalse\n"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_writes_what_has_been_found_and_says_how_to_start_again(
    tiny_data: Path, tmp_path: Path, signum: signal.Signals
) -> None:
    (tmp_path / "many").mkdir()
    for number in range(400):
        (tmp_path / "many" / f"{number:03d}.png").hardlink_to(tiny_data / "images" / "val" / "val_0.png")
    typed = [
        "detect",
        "many",
        "-o",
        "found",
        "--overlays",
        "--engine",
        "torch",
        "--device",
        "cpu",
        "--long-side",
        "640",
    ]
    with subprocess.Popen(
        [*COMMAND, *typed], cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_until(lambda: list(tmp_path.glob("found/overlays/*")), process)
        process.send_signal(signum)
        _, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + signum, stderr
    count = len(read_native(tmp_path / "found" / "predictions.json"))
    assert 0 < count < 400
    assert (
        f"stopped by {signum.name}: wrote the predictions of {count} of 400 images to found/predictions.json; "
        f"start again with: receipt-ocr {' '.join(typed)} --overwrite\n"
    ) in stderr
    assert "Traceback" not in stderr


def test_a_fault_of_the_program_keeps_its_traceback(in_process: pytest.MonkeyPatch) -> None:
    def fault(_: str) -> object:
        raise KeyError("bug")

    in_process.setattr(module.importlib, "import_module", fault)
    with pytest.raises(KeyError, match="bug"):
        call(in_process, "merge", "x")


def test_what_the_system_refuses_and_what_is_not_installed_are_told() -> None:
    assert last_message(PermissionError(13, "Permission denied", "a")).startswith("a: cannot be used")
    assert re.match(r"InputError: torch is not .*'\.\[torch\]'", last_message(ModuleNotFoundError(name="torch")))


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("give overwrite=true to replace it", "give --overwrite to replace it"),
        ("long_side=0: must be", "--long-side 0: must be"),
        ("choose another output=", "choose another --output"),
        ("shard=auto: neither; give shard=2/8", "--shard auto: neither; give --shard 2/8"),
        ("/data/output=3/a.jpg, my.shard=1 and other=true", "/data/output=3/a.jpg, my.shard=1 and other=true"),
    ],
)
def test_settings_in_messages_are_options(text: str, typed: str) -> None:
    assert as_options(text, ("overwrite", "long_side", "output", "shard")) == typed
