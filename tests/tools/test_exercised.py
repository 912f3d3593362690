"""Of changed code that no job ran nothing is said; code that only has another name or place is not changed."""

from pathlib import Path

import pytest

from planted_checkout import commit
from tools.proof.exercised import Change, Run, changed_lines, changes, not_entered, unseen
from tools.revisions import resolve, worktrees

BEFORE = '''"""A module."""

LIMIT = 3


def check(x):
    if x < 0:
        raise ValueError("negative")
    return x


def _double(x):
    return 2 * x


def use(x):
    return _double(check(x)) < LIMIT
'''


def changed(repository: Path, folder: Path, **files: str) -> tuple[Change, Change]:
    """A commit with some files of ``ocr/``; what REF and the tree have for themselves."""
    (repository / "ocr" / "a.py").write_text(BEFORE)
    commit(repository, "before")
    for name, content in files.items():
        (repository / "ocr" / f"{name}.py").write_text(content)
    commit(repository, "after")
    revisions = {"old": resolve(repository, "HEAD~1"), "new": resolve(repository, "HEAD")}
    with worktrees(repository, revisions, folder) as roots:
        commits = [revision.commit for revision in revisions.values()]
        ref, tree = changes(repository, [roots["old"], roots["new"]], commits)
    return ref, tree


def ran(*lines: int, entered: tuple[int, ...] = (), file: str = "ocr/a.py") -> Run:
    return Run(frozenset((file, line) for line in lines), frozenset((file, line) for line in entered))


def test_a_line_that_was_not_run(repository: Path, tmp_path: Path) -> None:
    ref, tree = changed(repository, tmp_path / "work", a=BEFORE.replace('"negative"', '"below 0"'))
    assert unseen(tree, ran(6, 7, 9, entered=(6,))) == ["ocr/a.py:8, check"]
    assert unseen(tree, ran(6, 7, 8, entered=(6,))) == []
    assert unseen(ref, ran()) == ["ocr/a.py:8, check"]


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("_double", "_twice"),
        BEFORE.replace("    return 2 * x\n", '    """Two times."""\n    return 2 * x  # the same\n'),
        BEFORE.replace("def _double(x):\n    return 2 * x\n\n\n", "") + "\n\ndef _double(x):\n    return 2 * x\n",
    ],
)
def test_what_is_no_change(repository: Path, tmp_path: Path, after: str) -> None:
    assert [unseen(side, ran()) for side in changed(repository, tmp_path / "work", a=after)] == [[], []]


def test_a_function_that_has_moved(repository: Path, tmp_path: Path) -> None:
    moved = "def _double(x):\n    return 2 * x\n"
    after = BEFORE.replace(f"{moved}\n\n", "").replace("LIMIT", "from ocr.b import _double\n\nLIMIT", 1)
    ref, tree = changed(repository, tmp_path / "work", a=after, b=moved)
    assert unseen(ref, ran()) == []
    assert unseen(tree, ran()) == ["ocr/a.py:3, module"]
    assert unseen(tree, ran(3)) == []


def test_a_constant_counts_where_it_is_used(repository: Path, tmp_path: Path) -> None:
    _, tree = changed(repository, tmp_path / "work", a=BEFORE.replace("LIMIT = 3", "LIMIT = 4"))
    assert unseen(tree, ran(3)) == ["ocr/a.py:16, use uses a changed name"]
    assert unseen(tree, ran(3, entered=(16,))) == []
    assert tree.files == ["ocr/a.py"]


def test_a_changed_default_counts_where_the_function_is_entered(repository: Path, tmp_path: Path) -> None:
    _, tree = changed(repository, tmp_path / "work", a=BEFORE.replace("def check(x):", "def check(x=1):"))
    assert unseen(tree, ran(6)) == ["ocr/a.py:6, check"]
    assert unseen(tree, ran(6, entered=(6,))) == []


def test_code_that_is_gone_was_run_or_not(repository: Path, tmp_path: Path) -> None:
    gone = '    if x < 0:\n        raise ValueError("negative")\n'
    ref, tree = changed(repository, tmp_path / "work", a=BEFORE.replace(gone, ""))
    assert unseen(tree, ran()) == []
    assert unseen(ref, ran(7)) == ["ocr/a.py:8, check"]


def test_functions_of_changed_files_that_no_job_entered(repository: Path, tmp_path: Path) -> None:
    _, tree = changed(repository, tmp_path / "work", a=BEFORE.replace("2 * x", "x + x"))
    assert not_entered(tree, ran(entered=(6, 12))) == ["ocr/a.py:use"]
    assert unseen(tree, ran(13)) == []


def test_tests_are_no_behaviour(repository: Path) -> None:
    (repository / "tests").mkdir()
    (repository / "tests" / "a.py").write_text("a = 1\n")
    commit(repository, "a test")
    assert changed_lines(repository, ("HEAD~1", "HEAD")) == [{}, {}]
    assert changed_lines(repository, ("HEAD", "HEAD")) == [{}, {}]


def test_what_is_imported_from_elsewhere_is_no_change(repository: Path, tmp_path: Path) -> None:
    before = "from ocr.models import (\n    DBNet,\n    UNet,\n)\nfrom ocr.types import Word\n"
    (repository / "ocr" / "b.py").write_text(before)
    ref, tree = changed(repository, tmp_path / "work", b="from ocr.detection.models import DBNet, UNet\n")
    assert not unseen(tree, ran())
    assert unseen(ref, ran()) == ["ocr/b.py:5, module"]  # what is imported no more


def test_of_what_watches_nothing_is_asked(repository: Path, tmp_path: Path) -> None:
    (repository / "tools").mkdir()
    (repository / "tools" / "watch.py").write_text("def watch(x):\n    return x\n")
    _, tree = changed(repository, tmp_path / "work", b="def new(x):\n    return -x\n")
    assert unseen(tree, ran()) == ["ocr/b.py:1, new", "ocr/b.py:2, new"]
    (repository / "tools" / "watch.py").write_text("def watch(x):\n    return x + 1\n")
    _, tree = changed(repository, tmp_path / "again", c="def newer(x):\n    return +x\n")
    assert unseen(tree, ran()) == ["ocr/c.py:1, newer", "ocr/c.py:2, newer"]
