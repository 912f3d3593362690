"""Names in two of Unicode's normal forms: what looks the same is the same, in every format and program."""

import json
import tarfile
import unicodedata
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import encoded_images
from flawed_data import Data, check, entry, square
from ocr.checks.kinds import Kind
from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.names import among, composed, find
from ocr.formats.common.writing import write_json
from ocr.formats.convert import convert, select
from ocr.formats.native import read_native
from ocr.formats.native_writing import write_native
from ocr.pipeline.inputs import find_images
from ocr.pipeline.shards import merge_shards
from ocr.types import InputError, Record, Word

NFC = "caf\u00e9 \ud569\uacc4.png"
NFD = unicodedata.normalize("NFD", NFC)
MIXED = "caf\u00e9 " + unicodedata.normalize("NFD", "\ud569\uacc4.png")
ROWS = ["icdar2013", "icdar2015", "paddle", "sroie", "totaltext", "wildreceipt"]
FORMATS = [*ROWS, "coco", "cord", "doctr", "labelstudio", "page"]
SQUARE = np.float32([[10, 10], [50, 10], [50, 30], [10, 30]])
picture = partial(encoded_images.picture, size=(64, 48), value=200)


def test_the_names_of_these_tests_look_the_same_and_differ() -> None:
    assert len({NFC, NFD, MIXED}) == 3
    assert {composed(name) for name in (NFC, NFD, MIXED)} == {NFC}


@pytest.mark.parametrize("images", [NFC, NFD])
@pytest.mark.parametrize("annotated", [NFC, NFD])
@pytest.mark.parametrize("form", FORMATS)
def test_every_reader_finds_the_image(tmp_path: Path, form: str, annotated: str, images: str) -> None:
    module = import_module(f"ocr.formats.{form}")
    record = Record(picture(tmp_path / "source" / annotated), {"1": Word(SQUARE, "a", line=1)}, 64, 48)
    getattr(module, f"write_{form}")([record], tmp_path, "all")
    for path in (tmp_path / "all").rglob("*.png"):
        path.rename(path.with_name(images))
    data = getattr(module, f"read_{form}")(tmp_path / "all")
    assert not data.left_out
    assert not data.faults
    (read,) = data.records
    assert read.image_path.name == images
    assert len(read.words) == 1


@pytest.mark.parametrize("annotated", [NFC, NFD, MIXED])
@pytest.mark.parametrize("file", [NFC, NFD, MIXED, f"sub \u00e9/{NFD}"])
def test_native_data_find_the_image(tmp_path: Path, annotated: str, file: str) -> None:
    path = picture(tmp_path / "images" / file)
    name = unicodedata.normalize("NFD", str(Path(file).parent / annotated))
    write_json({"images": {name: entry(square(10, 10), size=(64, 48))}}, tmp_path / "a.json")
    (record,) = read_native(tmp_path / "a.json", tmp_path / "images")
    assert record.image_path == path
    assert find(tmp_path / "images", name) == path
    assert among([file])(tmp_path / "images", name) == path
    assert find(tmp_path / "images", "\u00e8.png") == tmp_path / "images" / "\u00e8.png"  # there is none


def test_files_that_differ_in_form_alone_are_never_chosen_between(tmp_path: Path) -> None:
    for name in (NFC, NFD):
        picture(tmp_path / "images" / name)
    write_json({"images": {NFC: entry(square(10, 10), size=(64, 48))}}, tmp_path / "a.json")
    with pytest.raises(AnnotationError, match=r"'caf\\xe9 .* and 'cafe\\u0301 .* look the same, .*rename one"):
        read_native(tmp_path / "a.json", tmp_path / "images")
    with pytest.raises(InputError, match=r"input=.*look the same.*rename one"):
        find_images(str(tmp_path / "images"))
    records = [Record(tmp_path / "images" / name, {"1": Word(SQUARE)}) for name in (NFC, NFD)]
    with pytest.raises(AnnotationError, match=r"would be called .* too; rename one"):
        convert(ForeignData(records), tmp_path / "out", "all")


def test_entries_that_differ_in_form_alone_are_an_error(tmp_path: Path) -> None:
    picture(tmp_path / "images" / NFC)
    entries = {name: entry(square(10, 10), size=(64, 48)) for name in (NFC, NFD)}
    write_json({"images": entries}, tmp_path / "a.json")
    for images in (tmp_path / "images", None):
        with pytest.raises(AnnotationError, match=r"a\.json: 'caf\\xe9 .* and 'cafe\\u0301 .* look the same"):
            read_native(tmp_path / "a.json", images)


@pytest.mark.parametrize("stem", [NFC, NFD])
def test_globs_choose_by_what_names_look_like(tmp_path: Path, stem: str) -> None:
    data = ForeignData([Record(tmp_path / stem, {}), Record(tmp_path / "other.png", {})])
    for glob in ("caf\u00e9*", "cafe\u0301*", "caf? *"):
        assert [record.name for record in select(data, include=glob).records] == [stem]
        assert [record.name for record in select(data, exclude=glob).records] == ["other.png"]


def test_a_prediction_s_order_is_that_of_what_names_look_like(tmp_path: Path) -> None:
    names = ["caf\u00e9.png", "cafz.png", "cafe.png"]
    for form in ("NFC", "NFD"):
        for name in names:
            picture(tmp_path / form / unicodedata.normalize(form, name))
    orders = [[composed(name) for name in find_images(str(tmp_path / form))] for form in ("NFC", "NFD")]
    assert orders[0] == orders[1] == ["cafe.png", "cafz.png", "caf\u00e9.png"]


def test_parts_with_one_image_in_two_forms_are_refused(tmp_path: Path) -> None:
    for number, name in ((1, NFC), (2, NFD)):
        shard = {"number": number, "count": 2, "settings": "s"}
        write_json({"images": {name: {}}, "shard": shard}, tmp_path / f"predictions-00{number}-of-002.json")
    with pytest.raises(InputError, match="look the same"):
        merge_shards(tmp_path, tmp_path / "predictions.json", submission=False)


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path / "data")


@pytest.mark.parametrize(("annotated", "file"), [(NFC, NFD), (NFD, NFC), (MIXED, NFC)])
def test_the_check_joins_them_and_a_repair_loses_nothing(data: Data, tmp_path: Path, annotated: str, file: str) -> None:
    from ocr.checks.repair_folder import repair_folder

    data.image("train", file)
    data.annotate("train", {annotated: entry(square(10, 10))})
    (finding,) = check(data.root).findings
    assert (finding.kind, finding.image) == (Kind.NAME_FORM, annotated)
    repair_folder(check(data.root), tmp_path / "out", map)
    (record,) = read_native(tmp_path / "out/jsons/train.json", tmp_path / "out/images/train")
    assert (record.name, len(record.words)) == (annotated, 1)
    assert not check(tmp_path / "out").findings


def test_the_check_tells_twins_and_a_repair_renames_one(data: Data, tmp_path: Path) -> None:
    from ocr.checks.repair_folder import repair_folder

    for name in (NFC, NFD):
        data.image("train", name)
    data.annotate("train", {name: entry(square(10, 10)) for name in (NFC, NFD)})
    (finding,) = check(data.root).findings
    assert finding.kind is Kind.NAME_TWINS
    assert finding.value.startswith("'cafe\\u0301 ")
    repair_folder(check(data.root), tmp_path / "out", map)
    records = read_native(tmp_path / "out/jsons/train.json", tmp_path / "out/images/train")
    assert len({composed(record.name) for record in records}) == 2
    assert not check(tmp_path / "out").findings


def test_one_of_twins_that_is_not_annotated_is_told(data: Data) -> None:
    for name in (NFC, NFD):
        data.image("train", name)
    data.annotate("train", {NFC: entry(square(10, 10))})
    found = {(finding.kind, finding.image) for finding in check(data.root).findings}
    assert found == {(Kind.NAME_TWINS, NFC), (Kind.EXTRA_IMAGE, NFD)}


@pytest.mark.parametrize("kind", ["folder", "memory", "shards"])
def test_a_training_finds_the_image(tmp_path: Path, make_datamodule, kind: str) -> None:
    import fsspec

    root = tmp_path / "data"
    for split in ("train", "val"):
        for number in range(2):
            name = unicodedata.normalize("NFD", f"{number}{NFC}")
            picture(root / "images" / split / name)
        entries = {f"{number}{NFC}": entry(square(10, 10), size=(64, 48)) for number in range(2)}
        data = root / "jsons" / f"{split}.json"
        data.parent.mkdir(parents=True, exist_ok=True)
        data.write_text(json.dumps({"images": entries}), encoding="utf-8")
        if kind == "shards":
            folder = root / "images" / split
            with tarfile.open(folder / "a.tar", "w") as archive:
                for path in sorted(folder.glob("*.png")):
                    archive.add(path, path.name)
                    path.unlink()
    address = str(root)
    if kind == "memory":
        fsspec.filesystem("memory").put(address, "/names", recursive=True)
        address = "memory://names"
    datamodule = make_datamodule(root=address, batch_size=1)
    datamodule.setup("fit")
    assert len(list(datamodule.train_dataloader())) == len(list(datamodule.val_dataloader())) == 2


def test_write_native_and_read_native_keep_the_form(tmp_path: Path) -> None:
    record = Record(picture(tmp_path / NFD), {"1": Word(SQUARE, "a")}, 64, 48)
    write_native([record], tmp_path / "a.json", tmp_path)
    assert [read.name for read in read_native(tmp_path / "a.json", tmp_path)] == [NFD]
