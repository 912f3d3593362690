"""A split on disk: the old one or the new one, whole."""

from pathlib import Path

import pytest

from ocr.formats.common.split import check_split, growing_split
from ocr.types import InputError


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def grow(staging: Path, text: str, *images: str) -> None:
    for name in images:
        (staging / "images" / name).write_text(text)
    (staging / "annotation.json").write_text(text)
    (staging / "report.json").write_text(text)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A data folder with the splits ``val`` and ``test``."""
    for split in ("val", "test"):
        with growing_split(tmp_path / "data", split) as staging:
            grow(staging, "old", "a.jpg", "b.jpg")
    return tmp_path / "data"


def test_the_old_split_stands_until_the_new_one_is_complete(output: Path) -> None:
    before = contents(output)
    with growing_split(output, "val") as staging:
        grow(staging, "new", "b.jpg")
        assert {name: text for name, text in contents(output).items() if not name.startswith(".")} == before
    assert contents(output) == {
        **{name: text for name, text in before.items() if "test" in name},
        "images/val/b.jpg": "new",
        "jsons/val.json": "new",
        "reports/val.json": "new",
    }
    assert sorted(path.name for path in output.iterdir()) == ["images", "jsons", "reports"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, InputError, OSError])
@pytest.mark.parametrize("split", ["val", "other"])
def test_what_ends_it_before_leaves_everything_as_it_was(output: Path, split: str, end: type[BaseException]) -> None:
    before = contents(output)

    def ended() -> None:
        with growing_split(output, split) as staging:
            grow(staging, "new", "c.jpg")
            raise end

    with pytest.raises(end):
        ended()
    assert contents(output) == before
    assert sorted(path.name for path in output.iterdir()) == ["images", "jsons", "reports"]
    assert sorted(path.name for path in (output / "images").iterdir()) == ["test", "val"]


@pytest.mark.parametrize("split", ["val", "other"])
def test_a_failure_between_images_and_annotation_puts_the_images_back(output: Path, split: str) -> None:
    annotation = output / "jsons" / f"{split}.json"
    annotation.unlink(missing_ok=True)
    annotation.mkdir()  # a file cannot take the place of a folder
    before = contents(output)
    with pytest.raises(OSError, match="directory"), growing_split(output, split) as staging:
        grow(staging, "new", "c.jpg")
    assert contents(output) == before
    assert sorted(path.name for path in output.iterdir()) == ["images", "jsons", "reports"]


def test_images_behind_a_link_are_not_removed(output: Path, tmp_path: Path) -> None:
    (output / "images" / "val").rename(tmp_path / "disk")
    (output / "images" / "val").symlink_to(tmp_path / "disk")
    with growing_split(output, "val") as staging:
        grow(staging, "new", "c.jpg")
    assert contents(tmp_path / "disk") == {"a.jpg": "old", "b.jpg": "old"}
    assert contents(output / "images" / "val") == {"c.jpg": "new"}
    assert sorted(path.name for path in output.iterdir()) == ["images", "jsons", "reports"]


@pytest.mark.parametrize("split", ["", ".", "..", "../val", "val/", "/val", ".val"])
def test_a_split_is_a_folder_s_name(output: Path, split: str) -> None:
    """Else overwriting would remove all splits, or what is beside them."""
    with pytest.raises(InputError, match=r"cannot be the name of a folder in .*images; use one like 'train'") as caught:
        check_split(output, split, [], overwrite=True)
    assert repr(split) in str(caught.value)


def test_a_split_is_replaced_only_when_asked(output: Path) -> None:
    check_split(output, "other", [], overwrite=False)
    check_split(output, "val", [], overwrite=True)
    with pytest.raises(InputError, match="has a split 'val'; choose another split= or give overwrite=true"):
        check_split(output, "val", [], overwrite=False)
    (output / "jsons" / "val.json").unlink()
    with pytest.raises(InputError, match="has a split 'val'"):
        check_split(output, "val", [], overwrite=False)


def test_a_split_does_not_replace_what_it_is_made_of(output: Path) -> None:
    with pytest.raises(InputError, match=r"the images to convert are in .*images/val; choose another"):
        check_split(output, "val", [output / "images" / "test" / ".." / "val" / "a.jpg"], overwrite=True)
