"""The data check as a user types it: statuses, files, repairs, messages."""

import json
from pathlib import Path

import pytest

from flawed_data import Data, entry, square
from ocr.pipeline.check import status


def test_a_clean_folder_a_flawed_one_and_its_repair(run_runner, tmp_path: Path) -> None:
    data = Data(tmp_path / "mine")
    for split, names in {"train": ("a.png", "b.png"), "val": ("c.png",)}.items():
        for name in names:
            data.image(split, name)
        data.annotate(split, {name: entry(square(10, 10)) for name in names})
    data.annotate("train", {"a.png": entry(square(100, 10, 30), square(10, 50)[::-1]), "b.png": entry(square(10, 10))})
    done = run_runner(
        "check", "input=mine", "workers=2", "output_dir=found", "fix=true", "output=repaired", cwd=tmp_path
    )
    assert done.returncode == 1, done.stderr
    for text in ("out-of-bounds", "counter-clockwise", "fix=true clips it", "1 polygon clipped", "1 points ordered"):
        assert text in done.stdout
    report = json.loads((tmp_path / "found" / "report.json").read_text(encoding="utf-8"))
    assert report["severities"] == {"error": 1, "warning": 1, "note": 0}
    assert report["images"]["train"] == {"checked": 2, "clean": 1, "with_findings": 1, "unreadable": 0}
    assert {(f["kind"], f["image"], f["word"]) for f in report["findings"]} == {
        ("out-of-bounds", "a.png", "0001"),
        ("counter-clockwise", "a.png", "0002"),
    }
    assert "out-of-bounds" in (tmp_path / "found" / "report.html").read_text(encoding="utf-8")
    assert "no split test: train with skip_test=true" in done.stdout
    assert "no split val" not in done.stdout
    again = run_runner("check", "input=repaired", "workers=0", "fail_on=warning", cwd=tmp_path)
    assert (again.returncode, again.stderr.count("Error")) == (0, 0)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["input=gone"], "gone: no such folder"),
        (["input=mine", "fix=true"], "name it with output="),
        (["input=mine", "output=x"], "add fix=true"),
        (["input=mine", "fail_on=note"], "must be error or warning"),
        (["input=mine", "splits=[trian]"], "splits=trian: not in mine"),
    ],
)
def test_what_cannot_be_meant_ends_with_a_message(
    overrides: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process: each start of a program costs seconds."""
    from hydra import compose, initialize_config_dir

    from ocr.pipeline.check import Check, check
    from ocr.types import InputError
    from ocr.utils.path_utils import CONFIG_DIR
    from runners.launch import plain

    data = Data(tmp_path / "mine")
    data.annotate("train", {})
    monkeypatch.chdir(tmp_path)
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        cfg = compose("check", overrides=[*overrides, "output_dir=found"])
    with pytest.raises(InputError, match=message):
        check(Check(**plain(cfg, *cfg)))
    assert not (tmp_path / "found").exists()


@pytest.mark.parametrize(
    ("flaws", "fail_on", "expected"),
    [
        (["error", "warning"], "error", 1),
        (["error"], "warning", 1),
        (["warning", "note"], "error", 0),
        (["warning", "note"], "warning", 3),
        (["note"], "warning", 0),
        ([], "warning", 0),
    ],
)
def test_the_status_follows_the_worst_flaw(flaws: list[str], fail_on: str, expected: int) -> None:
    from types import SimpleNamespace

    from ocr.checks.kinds import Severity

    result = SimpleNamespace(severities={severity: flaws.count(severity) for severity in Severity})
    assert status(result, fail_on) == expected


def test_limits_are_the_same_wherever_they_are_given() -> None:
    """What a check takes a training takes; a service takes less from others."""
    from omegaconf import OmegaConf

    from ocr.images.decode import MAX_PIXELS
    from ocr.images.files import MAX_BYTES
    from ocr.utils.path_utils import CONFIG_DIR

    found: dict[str, list[int]] = {"max_pixels": [], "max_bytes": []}
    for path in CONFIG_DIR.rglob("*.yaml"):
        if path.stem == "serve":
            continue
        settings = OmegaConf.to_container(OmegaConf.load(path))
        for section in (settings, settings.get("data", {})) if isinstance(settings, dict) else ():
            for name in found.keys() & (section.keys() if isinstance(section, dict) else ()):
                found[name].append(section[name])
    assert found["max_pixels"] == [MAX_PIXELS] * 9
    assert found["max_bytes"] == [MAX_BYTES]


def test_damaged_images_are_told_in_the_report_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """libjpeg writes to the error stream when an example is decoded for the page."""
    from flawed_data import check as checked
    from ocr.pipeline.check import Check, report

    data = Data(tmp_path / "mine")
    path = data.image("train", "a.jpg")
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(4) + content[-2:]
    path.write_bytes(content)
    data.annotate("train", {"a.jpg": entry(square(10, 10))})
    result = checked(data.root)
    assert [finding.kind for finding in result.findings] == ["damaged"]
    sizes = {"max_pixels": 9, "max_bytes": 9, "follow_links": False, "workers": 0, "examples": 3}
    report(
        Check("mine", None, "error", False, None, None, None, exp_name="check", output_dir=str(tmp_path), **sizes),
        result,
    )
    assert capfd.readouterr().err == ""
    assert "data:image/jpeg" in (tmp_path / "report.html").read_text(encoding="utf-8")
