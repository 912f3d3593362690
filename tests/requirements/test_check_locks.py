import re
import shutil
from pathlib import Path

import pytest

from tools.check_locks import main

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
EDITED = "bench.lock: differs from what `make lock` wrote (locks.sha256)"
"""Said even of packages that others ask for, of which nothing else need be at odds."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(REQUIREMENTS, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_the_locks_of_this_repository_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == "11 locks belong to their .in files\n"


@pytest.mark.parametrize(
    ("file", "pattern", "new", "said"),
    [
        (
            "dev.in",
            "hypothesis\n",
            "hypothesis\nresponses\n",
            "dev.lock: responses is required by dev.in but not locked",
        ),
        ("dev.in", "hypothesis\n", "", "dev.lock: hypothesis is locked for dev.in, which no longer requires it"),
        ("dev.in", "mypy\n", "mypy<1.0\n", "dev.in requires mypy<1.0"),
        ("dev.in", "mypy\n", "mypy ???\n", "dev.lock: dev.in cannot be read"),
        ("dev.in", "-r base.in\n", "", "dev.lock: tensorboard is locked for base.in, which no longer requires it"),
        ("base.lock", r"\npillow==(\d+)", r"\npillow==9.\1", "base.lock has 9."),
        ("bench.lock", r"^six==[\d.]+", "six==1.0.0", EDITED),
        ("bench.lock", r"--hash=sha256:[0-9a-f]{8}", "--hash=sha256:00000000", EDITED),
        ("bench.lock", r"^six==(?:.*\n)+?(?=\S)", "", EDITED),
        ("bench.lock", r"\Z", r"surprise==1.0 \\\n    --hash=sha256:" + "0" * 64 + r"\n    # via torch\n", EDITED),
    ],
)
def test_a_stale_or_edited_lock_is_found(
    folder: Path, capsys: pytest.CaptureFixture[str], file: str, pattern: str, new: str, said: str
) -> None:
    text, changes = re.subn(pattern, new, (folder / file).read_text("utf-8"), count=1, flags=re.MULTILINE)
    assert changes == 1
    (folder / file).write_text(text, encoding="utf-8")
    assert main([str(folder)]) == 1
    output = capsys.readouterr().out
    assert said in output
    assert "make lock" in output


def test_a_change_of_base_makes_every_lock_stale_that_includes_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "base.in").open("a") as base:
        base.write("responses\n")
    assert main([str(folder)]) == 1
    stale = {line.split(":")[0] for line in capsys.readouterr().out.splitlines() if "responses" in line}
    assert stale == {
        f"{role}.lock" for role in ("base", "bench", "console", "data", "dev", "docs", "export", "tracking")
    }


def test_a_lock_that_is_missing_or_was_never_recorded_is_found(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "docs.lock").unlink()
    assert main([str(folder)]) == 1
    assert capsys.readouterr().out.splitlines()[:2] == [
        "docs.lock: the lock is missing",
        "docs.lock: is in locks.sha256 but missing",
    ]
    (folder / "locks.sha256").unlink()
    assert main([str(folder)]) == 1
    assert capsys.readouterr().out.count("differs from what `make lock` wrote") == 10
