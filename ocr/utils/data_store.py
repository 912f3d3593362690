"""Where a pointer's data come from and go to: DVC's cache and remote. DVC runs as a program of its own."""

from __future__ import annotations

import configparser
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ocr.utils.data_pointer import (
    DigestError,
    damaged_objects,
    holds,
    listed,
    read_pointer,
    stored,
    verify,
    write_pointer,
)
from ocr.utils.digest import DirectoryDigest
from ocr.utils.errors import InputError
from ocr.utils.printable import say
from ocr.utils.workers import end_with_parent


class StoreError(InputError):
    """DVC is missing or failed, or its cache or remote does not hold what it should."""


@dataclass(frozen=True, slots=True)
class Store:
    """DVC for one pointer.

    Attributes:
        pointer: the ``.dvc`` file.
        folder: top folder of the DVC repository it lies in, the one that holds ``.dvc/``.
        dvc: how DVC is started; ``None`` where it is not installed.
        remote: name of the default remote; ``None`` where none is set.
    """

    pointer: Path
    folder: Path
    dvc: tuple[str, ...] | None
    remote: str | None

    @property
    def usable(self) -> bool:
        """DVC is installed, and the folder is a git checkout, without which DVC does nothing."""
        return self.dvc is not None and (self.folder / ".git").exists()

    def run(self, *arguments: str) -> None:
        """Run DVC with its output on the terminal.

        Raises:
            StoreError: DVC is not installed or ends with another status than 0.
        """
        # It ends with this program, however that ends: half a transfer is gone on with by the next call.
        ends = partial(end_with_parent, os.getpid())
        code = subprocess.run([*self._dvc(), *arguments], cwd=self.folder, check=False, preexec_fn=ends).returncode
        if code:
            raise StoreError(f"`dvc {' '.join(arguments)}` failed with exit status {code}: see its message above")

    def pull(self) -> None:
        """Fetch what the cache lacks, check every object of it, then put the folder in its place.

        What an interrupted call had fetched is not fetched again. DVC refuses to replace files that its cache does not
        hold.

        Raises:
            StoreError: the remote cannot be read, lacks objects or holds damaged ones, or DVC refuses.
        """
        md5 = read_pointer(self.pointer).md5
        self.run("fetch", self._target())
        if damaged := self.remove_damaged(self.cache()):
            say("removed from DVC's cache, for they are damaged, and fetched again:", *listed(damaged))
            self.run("fetch", self._target())
        if damaged := self.remove_damaged(self.cache()):
            raise StoreError(
                f"the remote {self.remote!r} holds {len(damaged)} damaged objects:",
                *listed(damaged),
                f"Delete them there, and {stored(Path(), md5)} with them (where DVC finds that list, it takes "
                "its files for sent), then run `make data-push` in a checkout that has the data.",
            )
        if not stored(self.cache(), md5).exists():
            raise StoreError(f"the remote {self.remote!r} does not hold {md5} of {self.pointer.name}: was it pushed?")
        self.run("checkout", self._target())

    def save(self) -> None:
        """Put the verified folder into DVC's cache, unless it is there and whole: `dvc status` compares with the cache.

        Raises:
            StoreError: DVC is not installed or fails.
        """
        md5 = read_pointer(self.pointer).md5
        cache = self.folder / ".dvc" / "cache"
        if not holds(cache, md5):
            cache = self.cache()
        damaged = self.remove_damaged(cache)
        if damaged:
            say("removed from DVC's cache, for they are damaged, and stored again:", *listed(damaged))
        if damaged or not holds(cache, md5):
            self.run("commit", "--quiet", self._target())

    def push(self) -> None:
        """Send what the remote lacks of the verified folder.

        Raises:
            StoreError: no remote is set, or DVC is not installed or fails.
        """
        if self.remote is None:
            raise StoreError("no DVC remote is set; name one with `.venv/bin/dvc remote add -d NAME URL`")
        self.save()
        self.run("push", self._target())

    def cache(self) -> Path:
        """DVC's cache folder, wherever its configuration puts it.

        Raises:
            StoreError: DVC is not installed or fails.
        """
        done = subprocess.run(
            [*self._dvc(), "cache", "dir"], cwd=self.folder, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise StoreError(f"`dvc cache dir` failed with exit status {done.returncode}: see its message above")
        return self.folder / done.stdout.strip()

    def remove_damaged(self, cache: Path) -> dict[str, str]:
        """Remove the objects of a cache that do not hold what their name says.

        Returns:
            Their names below the cache folder, and the file of the data folder that each stands for.
        """
        damaged = dict(damaged_objects(cache, read_pointer(self.pointer).md5))
        for path in damaged:
            path.unlink()
        return {path.relative_to(cache).as_posix(): file for path, file in damaged.items()}

    def _dvc(self) -> tuple[str, ...]:
        if self.dvc is None:
            raise StoreError(
                f"DVC is not installed{f', and the remote {self.remote!r} is set' if self.remote else ''}: "
                "run `make setup-data`"
            )
        return self.dvc

    def _target(self) -> str:
        return os.path.relpath(self.pointer.resolve(), self.folder)


def find_store(pointer: Path) -> Store | None:
    """The DVC repository that a pointer lies in; ``None`` where there is none."""
    folder = next((folder for folder in pointer.resolve().parents if (folder / ".dvc").is_dir()), None)
    if folder is None:
        return None
    config = configparser.ConfigParser(interpolation=None)
    config.read([folder / ".dvc" / "config", folder / ".dvc" / "config.local"], encoding="utf-8")
    program = shutil.which("dvc")
    installed = (sys.executable, "-m", "dvc") if importlib.util.find_spec("dvc") else (program,) if program else None
    return Store(pointer, folder, installed, config.get("core", "remote", fallback="").strip() or None)


def obtain(root: Path, pointer: Path, generate: Callable[[Path], None] | None, repair: bool = True) -> DirectoryDigest:
    """See to it that the folder is what its pointer says: from the remote where one is set, else generated.

    Args:
        root: the data folder.
        pointer: its ``.dvc`` file.
        generate: makes the folder where it is missing and no remote is set; ``None`` where that cannot be done.
        repair: pull a folder that is there but is not what the pointer says.

    Raises:
        FileNotFoundError: the pointer is missing, or the folder, and nothing can make it.
        DigestError: the folder is not what the pointer says, and no remote is set or ``repair`` is off.
        StoreError: the remote is not to be had, or does not hold what it should.
    """
    store = find_store(pointer)
    shared = store is not None and store.remote is not None
    if generate is not None and not shared and not (root.is_dir() and any(root.iterdir())):  # a volume is there, empty
        generate(root)
    try:
        digest = verify(root, pointer)
    except (DigestError, FileNotFoundError):
        if store is None or not shared or not pointer.exists() or (root.exists() and not repair):
            raise
        why = f"{root} is not what {pointer.name} says" if root.exists() else f"no {root}/ yet"
        say(f"{why}: pulling it from the remote {store.remote!r}")
        store.pull()
        digest = verify(root, pointer)
    if store is not None and store.usable:
        store.save()
    return digest


def record(root: Path, pointer: Path) -> DirectoryDigest:
    """Record the folder's present content in its pointer, and in DVC's cache where DVC is installed.

    Raises:
        FileNotFoundError: there is no such folder.
        DigestError: the folder does not lie beside the pointer or below.
        StoreError: DVC fails.
    """
    digest = write_pointer(root, pointer)
    store = find_store(pointer)
    if store is not None and store.usable:
        store.save()
    return digest


def push(pointer: Path) -> None:
    """Send what the remote lacks of a verified folder.

    Raises:
        StoreError: the pointer lies in no DVC repository, no remote is set, or DVC is not installed or fails.
    """
    store = find_store(pointer)
    if store is None:
        raise StoreError(f"{pointer} lies in no DVC repository; `dvc init` makes one")
    store.push()
