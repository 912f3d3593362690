"""A commit that should not be is stopped: the hooks of `.pre-commit-config.yaml`, run by git in a clone."""

from __future__ import annotations

import os
import random
import re
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest

from planted_checkout import copy_checkout

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "SKIP"))},
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}

pytestmark = pytest.mark.skipif(
    not (Path(sys.prefix) / "bin" / "kingfisher").exists(), reason="the hooks' programs are not in this environment"
)


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def git(folder: Path, *arguments: str) -> str:
    done = run(folder, "git", *arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working tree as it is, committed, with this environment and the hooks on."""
    folder = copy_checkout(tmp_path_factory.mktemp("clone"))
    assert run(folder, ".venv/bin/pre-commit", "install").returncode == 0
    return folder


def commit(clone: Path, name: str, text: str) -> tuple[int, str]:
    """Commit one changed or new file and take everything back; the exit status of git and what the hooks said."""
    (clone / name).write_text(text, encoding="utf-8")
    git(clone, "add", name)
    done = run(clone, "git", "commit", "--message", f"change {name}")
    git(clone, "reset", "--quiet", "--hard", git(clone, "rev-list", "--max-parents=0", "HEAD").strip())
    return done.returncode, done.stdout


def failed(output: str) -> set[str]:
    """Names of the hooks that stopped the commit."""
    return {line.split("...")[0] for line in output.splitlines() if line.endswith("Failed")}


def test_a_harmless_change_is_committed(clone: Path) -> None:
    status, output = commit(clone, "ocr/planted.md", "Harmless.\n")
    assert status == 0, output


def test_a_secret_is_stopped(clone: Path) -> None:
    chance = random.Random(5)
    token = "ghp" + "_" + "".join(chance.choices(string.ascii_letters + string.digits, k=36))
    status, output = commit(clone, "configs/planted.yaml", f"token: {token}\n")
    assert status != 0
    assert failed(output) == {"secrets"}
    assert token not in output, "what a hook prints may be kept in a log"


def test_a_private_key_is_stopped(clone: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    done = run(tmp_path, "openssl", "genrsa", "-out", str(key), "2048") if shutil.which("openssl") else None
    if done is None or done.returncode:
        pytest.skip("no openssl to make a key with")
    status, output = commit(clone, "planted.pem", key.read_text(encoding="utf-8"))
    assert status != 0
    assert failed(output) == {"secrets"}


def test_a_stale_lock_is_stopped(clone: Path) -> None:
    asked = (clone / "requirements" / "dev.in").read_text(encoding="utf-8")
    status, output = commit(clone, "requirements/dev.in", asked + "responses\n")
    assert status != 0
    assert failed(output) == {"lock files belong to their .in files"}
    assert "dev.lock: responses is asked for by dev.in and not locked for it" in output


def test_a_type_error_is_stopped(clone: Path) -> None:
    status, output = commit(clone, "ocr/utils/planted.py", '"""Planted."""\n\nNUMBER: int = "one"\n')
    assert status != 0
    assert failed(output) == {"mypy"}
    assert "ocr/utils/planted.py:3" in output


def test_a_forbidden_import_is_stopped(clone: Path) -> None:
    """In a module that the law knows, so that it is the import that is found."""
    planted = (clone / "ocr" / "metrics" / "iou.py").read_text(encoding="utf-8")
    planted = planted.replace(
        "import numpy as np\n", "import numpy as np\n\nimport ocr.detection.models.head  # noqa: F401\n", 1
    )
    status, output = commit(clone, "ocr/metrics/iou.py", planted)
    assert status != 0
    assert "import law" in failed(output)
    assert "ocr.metrics.iou -> ocr.detection.models.head" in re.sub(r"\s+", " ", output)


@pytest.mark.parametrize(
    ("name", "text", "hook"),
    [
        ("ocr/planted.md", "A sentence with t" + "eh.\n", "spelling"),
        ("configs/planted.yaml", "a: [1\n", "YAML"),
        ("planted.toml", "a = \n", "TOML"),
        ("planted.txt", "<" * 7 + " HEAD\n", "left-over conflict marks"),
        ("docker/planted.sh", "#!/bin/sh\necho $1\n", "shell"),
        ("docker/Dockerfile.planted", "FROM ubuntu\n", "Dockerfile"),
        ("planted.bin", "0" * 600_000, "files of 512 kB or more beside locks and weights"),
        ("ocr/utils/planted.py", "import os\n", "ruff"),
        (".github/workflows/planted.yaml", "on: pull_request_target\njobs: {}\n", "workflows"),
    ],
    ids=["spelling", "YAML", "TOML", "conflict", "shell", "Dockerfile", "large file", "ruff", "workflow"],
)
def test_each_other_hook_stops_its_fault(clone: Path, name: str, text: str, hook: str) -> None:
    (clone / name).parent.mkdir(parents=True, exist_ok=True)
    status, output = commit(clone, name, text)
    assert status != 0
    assert hook in failed(output)


@pytest.mark.slow
def test_all_files_pass_without_a_network(clone: Path) -> None:
    alone = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or run(clone, *alone, "true").returncode:
        pytest.skip("this machine gives no network namespace")
    done = run(clone, *alone, ".venv/bin/pre-commit", "run", "--all-files")
    assert done.returncode == 0, done.stdout
