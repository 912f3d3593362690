import shutil
from pathlib import Path

import pytest

from ocr.types import InputError
from planted_checkout import commit, git
from tools.revisions import changes, describe_tree, resolve, tree_of, working_revision, worktrees


def test_a_name_becomes_a_commit(repository: Path) -> None:
    found = resolve(repository, "HEAD~1")
    assert found.commit == git(repository, "rev-parse", "HEAD~1")
    assert found.title == "first"
    assert str(found) == f"HEAD~1 ({found.commit[:10]})"


@pytest.mark.parametrize(
    ("name", "said"),
    [(name, f"ref={name}: this repository has no such revision; see `git log") for name in ("nowhere", "--help")]
    + [("", "ref= must be given")],
)
def test_what_names_nothing_is_an_error(repository: Path, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        resolve(repository, name)


def test_a_dirty_tree_is_refused_by_name_or_becomes_a_commit_of_its_own(repository: Path) -> None:
    assert working_revision(repository, dirty=False).commit == git(repository, "rev-parse", "HEAD")
    (repository / "notes.txt").write_text("three\n")
    (repository / "new.txt").write_text("new\n")
    (repository / "outputs").mkdir()
    (repository / "outputs" / "big").write_text("ignored\n")
    with pytest.raises(InputError, match="2 files differ"):
        working_revision(repository, dirty=False)
    before = changes(repository)
    snapshot = working_revision(repository, dirty=True)
    assert working_revision(repository, dirty=True).commit == snapshot.commit
    assert git(repository, "show", f"{snapshot.commit}:notes.txt") == "three"
    assert git(repository, "ls-tree", "--name-only", snapshot.commit).splitlines() == [
        ".gitignore",
        "new.txt",
        "notes.txt",
        "ocr",
    ]
    assert changes(repository) == before  # neither the index nor the files were touched
    assert git(repository, "rev-parse", "HEAD") == git(repository, "rev-parse", "main")


def test_the_tree_is_that_of_the_commit_to_come(repository: Path) -> None:
    (repository / "notes.txt").unlink()
    (repository / "new.txt").write_text("new\n")
    expected = tree_of(repository)
    assert describe_tree(repository)["revision"].endswith("-dirty")
    commit(repository, "third")
    assert git(repository, "rev-parse", "HEAD^{tree}") == expected == describe_tree(repository)["tree_hash"]


def test_other_worktrees_are_let_be_even_on_a_disk_that_is_not_there(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "mine"))
    (tmp_path / "mine").rename(tmp_path / "away")
    with worktrees(repository, {"ref": resolve(repository, "HEAD")}, tmp_path / "work"):
        pass
    assert str(tmp_path / "mine") in git(repository, "worktree", "list")


def test_what_a_killed_proof_left_is_no_hindrance(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "work" / "ref"))
    shutil.rmtree(tmp_path / "work")
    with worktrees(repository, {"ref": resolve(repository, "HEAD")}, tmp_path / "work") as roots:
        assert (roots["ref"] / "notes.txt").exists()


def test_worktrees_are_taken_away_whatever_happens(repository: Path, tmp_path: Path) -> None:
    revisions = {"ref": resolve(repository, "HEAD~1"), "tree": resolve(repository, "HEAD")}
    (repository / ".git" / "hooks" / "post-checkout").write_text("#!/bin/sh\ntouch ../hook-ran\n")
    (repository / ".git" / "hooks" / "post-checkout").chmod(0o755)

    def look() -> None:
        with worktrees(repository, revisions, tmp_path / "work") as roots:
            assert not (roots["ref"] / "notes.txt").exists()
            assert (roots["tree"] / "notes.txt").exists()
            (roots["tree"] / "written").touch()
            raise KeyError("as when a job fails")

    with pytest.raises(KeyError):
        look()
    assert git(repository, "worktree", "list").count("\n") == 0
    assert not list((tmp_path / "work").iterdir())
    assert not (tmp_path / "work" / "hook-ran").exists()
    assert changes(repository) == []
