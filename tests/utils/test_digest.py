import subprocess
import sys
from pathlib import Path

import pytest

from ocr.utils.digest import describe_directory, directory_digest, file_md5

# `dvc add` of DVC 3.67.1 on these files gave this pointer. "a.b" sorts before "a/b" as DVC compares whole paths.
FILES = {"a/b": "1\n", "a.b": "2\n", "é/한.txt": "3\n", "a-c": "4\n", "empty": "", ".hidden": "5\n"}
DVC_MD5, DVC_SIZE, DVC_NFILES = "30a444c42e8bca5abf065aa17b9747fb.dir", 10, 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "void").mkdir()
    return root


def test_equals_what_dvc_recorded(folder: Path) -> None:
    digest = describe_directory(folder)
    assert (digest.md5, digest.size, digest.nfiles) == (DVC_MD5, DVC_SIZE, DVC_NFILES)
    assert directory_digest(folder) == DVC_MD5


def test_equals_what_dvc_add_writes(folder: Path) -> None:
    pytest.importorskip("dvc", reason="DVC is not installed: make setup-data")
    dvc = [sys.executable, "-m", "dvc"]
    subprocess.run([*dvc, "init", "--no-scm", "--quiet"], cwd=folder.parent, check=True)
    subprocess.run([*dvc, "add", "--quiet", "data"], cwd=folder.parent, check=True)
    digest = describe_directory(folder)
    expected = [f"- md5: {digest.md5}", f"  size: {digest.size}", f"  nfiles: {digest.nfiles}", "  hash: md5"]
    assert (folder.parent / "data.dvc").read_text(encoding="utf-8").splitlines()[1:5] == expected


def test_changes_with_bytes_and_with_names(folder: Path) -> None:
    (folder / "a-c").write_text("5\n", encoding="utf-8")
    changed = directory_digest(folder)
    (folder / "a-c").rename(folder / "a-d")
    assert len({DVC_MD5, changed, directory_digest(folder)}) == 3


def test_does_not_depend_on_the_place_or_on_empty_folders(folder: Path) -> None:
    (folder / "void").rmdir()
    moved = folder.rename(folder.with_name("elsewhere"))
    assert directory_digest(moved) == DVC_MD5


def test_md5_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert file_md5(tmp_path / "abc") == "900150983cd24fb0d6963f7d28e17f72"


def test_a_missing_folder_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere: no such data folder; run `make data`"):
        directory_digest(tmp_path / "nowhere")
