"""A commit that should not be is stopped: the hooks of `.pre-commit-config.yaml`, run by git in a clone."""

import os
import random
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


def commit(clone: Path, files: dict[str, str]) -> tuple[int, str]:
    """Commit changed or new files and take everything back; the exit status of git and what the hooks said."""
    for name, text in files.items():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text(text, encoding="utf-8")
    git(clone, "add", "--all")
    done = run(clone, "git", "commit", "--message", "a change")
    git(clone, "reset", "--quiet", "--hard", git(clone, "rev-list", "--max-parents=0", "HEAD").strip())
    return done.returncode, done.stdout


def failed(output: str) -> set[str]:
    """Names of the hooks that stopped the commit."""
    return {line.split("...")[0] for line in output.splitlines() if line.endswith("Failed")}


CHANCE = random.Random(5)
TOKEN = "ghp" + "_" + "".join(CHANCE.choices(string.ascii_letters + string.digits, k=36))
FAULTS = {
    "secrets": ("configs/token.yaml", f"token: {TOKEN}\n"),
    "spelling": ("ocr/planted.md", "A word to rec" + "ieve.\n"),
    "YAML": ("configs/planted.yaml", "a: [1\n"),
    "TOML": ("planted.toml", "a = \n"),
    "leftover merge conflict markers": ("planted.txt", "<" * 7 + " HEAD\n"),
    "shell": ("docker/planted.sh", "#!/bin/sh\necho $1\n"),
    "Dockerfile": ("docker/Dockerfile.planted", "FROM ubuntu\n"),
    "files of 512 kB or more, except locks and weights": ("planted.bin", "0" * 600_000),
    "ruff": ("runners/planted.py", "import os\n"),
    "ruff format": ("runners/unformatted.py", '"""Planted."""\n\nNUMBER =  1\n'),
    "mypy": ("ocr/utils/planted.py", '"""Planted."""\n\nNUMBER: int = "one"\n'),
    "import law": ("ocr/metrics/planted.py", '"""Planted."""\n\nimport ocr.detection.models.head  # noqa: F401\n'),
    "lock files belong to their .in files": ("requirements/docs.in", "responses\n"),
    "workflows": (".github/workflows/planted.yaml", "on: pull_request_target\njobs: {}\n"),
}
"""By the name of the hook that stops it."""


def test_a_harmless_change_is_committed(clone: Path) -> None:
    status, output = commit(clone, {"ocr/planted.md": "Harmless.\n", "ocr/utils/planted.py": '"""Harmless."""\n'})
    assert status == 0, output


def test_each_hook_stops_its_fault(clone: Path) -> None:
    status, output = commit(clone, dict(FAULTS.values()))
    assert status != 0
    assert failed(output) == FAULTS.keys()
    assert TOKEN not in output, "what a hook prints may be kept in a log"


def test_a_private_key_is_stopped(clone: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    done = run(tmp_path, "openssl", "genrsa", "-out", str(key), "2048") if shutil.which("openssl") else None
    if done is None or done.returncode:
        pytest.skip("no openssl to make a key with")
    status, output = commit(clone, {"planted.pem": key.read_text(encoding="utf-8")})
    assert status != 0
    assert failed(output) == {"secrets"}


@pytest.mark.slow
def test_all_files_pass_without_a_network(clone: Path) -> None:
    alone = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or run(clone, *alone, "true").returncode:
        pytest.skip("this machine gives no network namespace")
    done = run(clone, *alone, ".venv/bin/pre-commit", "run", "--all-files")
    assert done.returncode == 0, done.stdout
