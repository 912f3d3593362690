"""Read-only access to Git: revisions, trees, and a revision's files in a folder outside the checkout."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ocr.types import InputError

AUTHOR = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "snapshot"), ("EMAIL", "snapshot@localhost"), ("DATE", "2000-01-01T00:00:00Z"))
}
"""Of the snapshot's commit, which no branch ever holds: the same tree is the same commit."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A state of the repository.

    Attributes:
        name: as it was asked for, or ``working tree``.
        commit: its 40 hexadecimal digits; of a snapshot where files differ from the last commit.
        title: first line of its message.
    """

    name: str
    commit: str
    title: str

    def __str__(self) -> str:
        """``HEAD~1 (1a2b3c4d5e)``."""
        return f"{self.name} ({self.commit[:10]})"


def git(root: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run a git command and return its output.

    Raises:
        InputError: git or the repository is missing, or the command failed; the message has git's output.
    """
    command = [
        "git",
        "-C",
        str(root),
        "-c",
        "core.hooksPath=/dev/null",
        *arguments,
    ]  # the user's hooks are not for this
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **(env or {})})
    except OSError as error:
        raise InputError(f"git cannot be run ({error}); install it") from error
    except subprocess.CalledProcessError as error:
        raise InputError(f"`{' '.join(command)}` failed: {error.stderr.strip()}") from error
    return done.stdout.rstrip("\n")


def resolve(root: Path, name: str) -> Revision:
    """The commit that a branch, tag, hash or ``HEAD~1`` names.

    Raises:
        InputError: there is no such commit.
    """
    if not name:
        raise InputError("ref= must be given: the revision to compare with, such as `make prove REF=HEAD~1`")
    try:
        commit = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except InputError as error:
        shallow = git(root, "rev-parse", "--is-shallow-repository") == "true"
        remedy = "`git fetch --unshallow` fetches the older ones" if shallow else "see `git log --oneline`"
        raise InputError(f"ref={name}: this repository has no such revision; {remedy}") from error
    return Revision(name, commit, git(root, "log", "-1", "--format=%s", commit))


def changes(root: Path) -> list[str]:
    """Files that differ from the last commit, with git's two letters, including new ones that are not ignored."""
    return git(root, "status", "--porcelain", "--untracked-files=all").splitlines()


def tree_of(root: Path) -> str:
    """The hash of the tree that a commit of everything in the checkout would have; nothing but objects is written."""
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git(root, "read-tree", "HEAD", env=index)
        git(root, "add", "--all", env=index)
        return git(root, "write-tree", env=index)


def working_revision(root: Path, *, dirty: bool) -> Revision:
    """The checkout as it is.

    Args:
        root: the checkout.
        dirty: allow files that differ from the last commit.

    Raises:
        InputError: files differ and ``dirty`` is off.
    """
    head = resolve(root, "HEAD")
    different = changes(root)
    if not different:
        return Revision("working tree", head.commit, head.title)
    if not dirty:
        shown = ", ".join(different[:5]) + (", ..." if len(different) > 5 else "")
        raise InputError(
            f"{len(different)} files differ from the last commit ({shown}); a proof needs a commit: commit them, or "
            "give dirty=true (make prove DIRTY=1) to prove the files as they are"
        )
    title = f"{len(different)} uncommitted files on {head.commit[:10]}"
    commit = git(root, "commit-tree", tree_of(root), "-p", head.commit, "-m", title, env=AUTHOR)
    return Revision("working tree", commit, title)


def describe_tree(root: Path) -> dict[str, str]:
    """``revision`` (the commit, with ``-dirty`` where files differ) and ``tree_hash`` (of all files as they are)."""
    head = git(root, "rev-parse", "HEAD")
    return {"revision": head[:10] + ("-dirty" if changes(root) else ""), "tree_hash": tree_of(root)}


@contextlib.contextmanager
def worktrees(root: Path, revisions: Mapping[str, Revision], folder: Path) -> Iterator[dict[str, Path]]:
    """Check each revision out as a separate git worktree, which is always removed at the end.

    Args:
        root: the checkout.
        revisions: by the name of the folder to make.
        folder: where those go.
    """
    roots = {name: folder / name for name in revisions}
    try:
        for name, revision in revisions.items():
            # --force: over the entry that a killed proof left for this folder.
            git(root, "worktree", "add", "--force", "--detach", "--quiet", str(roots[name]), revision.commit)
        yield roots
    finally:
        for path in roots.values():
            if path.exists():
                git(root, "worktree", "remove", "--force", str(path))
