import json
from pathlib import Path

import pytest

from ocr.utils.data_pointer import DigestError, read_pointer, verify, write_pointer
from ocr.utils.digest import directory_entries

FILES = {"images/a.jpg": "one", "images/b.jpg": "two", "jsons/train.json": "{}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def pointer(folder: Path) -> Path:
    path = folder.parent / "data.dvc"
    write_pointer(folder, path)
    return path


def test_pointer_is_written_as_dvc_writes_it(folder: Path, pointer: Path) -> None:
    digest = read_pointer(pointer)
    assert pointer.read_text(encoding="utf-8") == (
        f"outs:\n- md5: {digest.md5}\n  size: 8\n  nfiles: 3\n  hash: md5\n  path: data\n"
    )
    assert verify(folder, pointer) == digest


@pytest.mark.parametrize(
    ("change", "figures"),
    [
        ("edit", "3 files, 9 bytes"),
        ("flip", "3 files, 8 bytes"),
        ("remove", "2 files, 5 bytes"),
        ("add", "4 files, 9 bytes"),
    ],
)
def test_any_difference_is_found(folder: Path, pointer: Path, change: str, figures: str) -> None:
    match change:
        case "edit":
            (folder / "images/a.jpg").write_text("ones", encoding="utf-8")
        case "flip":
            (folder / "images/a.jpg").write_text("onE", encoding="utf-8")
        case "remove":
            (folder / "images/a.jpg").unlink()
        case "add":
            (folder / "images/c.jpg").write_text("3", encoding="utf-8")
    with pytest.raises(DigestError, match=rf"found [0-9a-f]{{32}}\.dir \({figures}\)(?s:.*)make data"):
        verify(folder, pointer)


def test_differing_files_are_named_where_the_cache_has_the_listing(folder: Path, pointer: Path) -> None:
    md5 = read_pointer(pointer).md5
    listing = pointer.parent / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    listing.parent.mkdir(parents=True)
    entries = [{"md5": value, "relpath": name} for name, value in directory_entries(folder).items()]
    listing.write_text(json.dumps(entries), encoding="utf-8")
    (folder / "images/a.jpg").rename(folder / "images/z.jpg")
    (folder / "jsons/train.json").write_text("[]", encoding="utf-8")
    named = r"missing: images/a\.jpg\. not recorded: images/z\.jpg\. changed: jsons/train\.json\."
    with pytest.raises(DigestError, match=named):
        verify(folder, pointer)


@pytest.mark.parametrize(
    "text", ["", "outs: []", "outs:\n- path: data\n", "outs: {", "outs:\n- {md5: x, size: y, nfiles: 1}"]
)
def test_a_broken_pointer_is_named_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "data.dvc").write_text(text, encoding="utf-8")
    with pytest.raises(DigestError, match=r"data\.dvc: not a DVC pointer(?s:.*)git checkout data\.dvc"):
        read_pointer(tmp_path / "data.dvc")
