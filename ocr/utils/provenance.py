"""The provenance of figures: wall time, seed, data, revision, versions, machine."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ocr.utils.digest import directory_digest, directory_files
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.utils.printable import say

PACKAGES = ("torch", "pytorch-lightning", "timm", "numpy", "opencv-python-headless", "shapely")

LARGE = 10**9
"""Size of a data folder in bytes above which hashing it is announced, since it takes long."""


class RunClock:
    """Measures a run's wall time from its creation and collects the provenance of its figures."""

    def __init__(self) -> None:
        self.started = time.time()
        self._digests: dict[str, str | None] = {}

    def data_digest(self, root: str | Path) -> str | None:
        """`data_digest`, which reads every byte, cached from the first call on."""
        if str(root) not in self._digests:
            self._digests[str(root)] = data_digest(str(root))
        return self._digests[str(root)]

    def provenance(self, seed: int, data_root: str | Path) -> dict[str, Any]:
        """Wall time in seconds, seed, data digest, git revision, versions and machine as plain values."""
        return {
            "wall_time_s": round(time.time() - self.started, 1),
            "seed": seed,
            "data": {"root": str(data_root), "md5": self.data_digest(data_root)},
            "git_revision": git_revision(),
            "versions": {"python": platform.python_version(), **{name: installed(name) for name in PACKAGES}},
            "machine": {"system": platform.system(), "machine": platform.machine(), "cores": os.cpu_count()},
        }


def machine() -> str:
    """The machine in brief: ``2 cores, x86_64 Linux, Python 3.11.7, torch 2.15.0``."""
    kernel = f"{platform.machine()} {platform.system()}"
    return f"{os.cpu_count()} cores, {kernel}, Python {platform.python_version()}, torch {installed('torch')}"


def data_digest(root: str) -> str | None:
    """The digest of a data folder; ``None`` for a URL, whose data are not downloaded a second time."""
    return None if "://" in root else announced_digest(Path(root))


def announced_digest(root: Path) -> str:
    """`directory_digest`, which reads every byte; announced on stderr for large folders.

    If a file cannot be read, the result says so: a run does not lose its figures over that.
    """
    try:
        if sum(path.stat().st_size for path in directory_files(root).values()) > LARGE:
            say(f"reading {root} to compute its digest", error=True)
        return directory_digest(root)
    except OSError as error:
        return f"unknown ({error})"


def installed(package: str) -> str | None:
    """The version of a package; ``None`` if it is not installed under that name (OpenCV has several)."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def git_revision() -> str | None:
    """The checkout's commit, with ``-dirty`` if files differ from it.

    Outside a repository, as in a container image, it comes from the environment variable ``GIT_REVISION``; without that
    it is ``None``. An installed package is in no repository, even if its environment is inside one.
    """
    command = ["git", "-C", str(REPOSITORY_ROOT), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        if (REPOSITORY_ROOT / ".git").exists():
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return os.environ.get("GIT_REVISION") or None
