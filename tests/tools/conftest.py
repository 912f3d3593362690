"""A small repository with two commits."""

from pathlib import Path

import pytest

from planted_checkout import commit, git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "ocr").mkdir(parents=True)
    git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
    (root / ".gitignore").write_text("/outputs/\n")
    (root / "ocr" / "a.py").write_text("def one(x):\n    if x:\n        return 1\n    return 2\n")
    commit(root, "first")
    (root / "ocr" / "a.py").write_text("def one(x):\n    return 1 if x else 2\n\n\ndef two():\n    return 2\n")
    (root / "notes.txt").write_text("one\ntwo\n")
    commit(root, "second")
    return root
