"""Each way from a file to pixels gives the same ones, or each refuses the file with the same reason."""

import base64
import json
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import fsspec
import numpy as np
import pytest

from flawed_data import check, entry, square
from ocr.checks.entry import check_entry
from ocr.checks.folder import contents_of
from ocr.checks.images import Limits, digest_of
from ocr.checks.repair_folder import repair_folder
from ocr.data.dataset import EvaluationDataset, TrainDataset
from ocr.data.geometry_transforms import FitLongSide, RandomCrop
from ocr.data.photometric import Photometric
from ocr.data.skipping import Broken
from ocr.data.stored import read_split
from ocr.detection.targets.db import DBTargetBuilder
from ocr.formats.convert import convert
from ocr.formats.native import read_native
from ocr.formats.ufo import read_ufo
from ocr.formats.webdataset import write_webdataset
from ocr.images.decode import read_picture
from ocr.images.header import ImageError, read_header
from ocr.pipeline.inputs import find_images, read_samples
from ocr.report.errors import picture
from ocr.report.flaw_page import view
from ocr.report.overlay import draw_overlay
from ocr.types import Sample
from picture_kinds import KINDS, REFUSED

LONG_SIDE = 96
Pixels = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with every kind, in files whose names say nothing of it."""
    root = tmp_path_factory.mktemp("kinds")
    return write_data(root, {name: kind.content for name, kind in KINDS.items()})


def write_data(root: Path, contents: dict[str, bytes]) -> Path:
    (root / "images" / "val").mkdir(parents=True)
    (root / "jsons").mkdir()
    entries = {}
    for name, content in contents.items():
        (root / "images" / "val" / name).write_bytes(content)
        size = KINDS[name].upright_HWC.shape[1::-1] if name in KINDS else (64, 96)
        entries[name] = entry(square(4, 4), size=size)
    (root / "jsons" / "val.json").write_text(json.dumps({"images": entries}))
    return root


def rgb(image_CHW: np.ndarray) -> np.ndarray:
    return image_CHW.transpose(1, 2, 0)


def evaluated(root: str | Path) -> Pixels:
    source = read_split(str(root), "val", "word", is_there=Path.is_file)
    dataset = EvaluationDataset(source, transform=FitLongSide(long_side=LONG_SIDE))
    samples = [dataset[(0, index)] for index in range(len(dataset))]
    return {s.record.name: rgb(s.image_CHW) for s in samples if isinstance(s, Sample)}


def in_shards(root: Path, folder: Path) -> Pixels:
    records = read_native(root / "jsons" / "val.json", root / "images" / "val")
    write_webdataset(records, folder / "images", "val", images_per_shard=50)
    return evaluated(folder)


def remote(root: Path, _: Path) -> Pixels:
    fsspec.filesystem("memory").put(str(root), "/kinds", recursive=True)
    try:
        return evaluated("memory://kinds")
    finally:
        fsspec.filesystem("memory").rm("/kinds", recursive=True)


def learned(root: Path, _: Path) -> Pixels:
    source = read_split(str(root), "val", "word", is_there=Path.is_file)
    crop = RandomCrop(size=LONG_SIDE, long_side_range=(LONG_SIDE, LONG_SIDE))
    dataset = TrainDataset(source, targets=DBTargetBuilder(), crop=crop, photometric=Photometric(), seed=0)
    pairs = [dataset._read(0, index) for index in range(len(source))]
    return {record.name: seen.image_HWC for record, seen in pairs}


def predicted(root: Path, _: Path) -> Pixels:
    found = find_images(str(root / "images" / "val"))
    samples = read_samples(list(found.values()), FitLongSide(long_side=LONG_SIDE), 2)
    return {name: rgb(s.image_CHW) for name, s in zip(found, samples, strict=True) if isinstance(s, Sample)}


def converted(root: Path, folder: Path) -> Pixels:
    convert(read_ufo(root / "jsons" / "val.json"), folder, "val")
    return evaluated(folder)


def drawn_over(root: Path, _: Path) -> Pixels:
    return {path.name: draw_overlay(path, []) for path in (root / "images" / "val").iterdir()}


def read_again(root: Path, _: Path) -> Pixels:
    return {path.name: read_picture(path).image_HWC for path in (root / "images" / "val").iterdir()}


def uploaded(root: Path, _: Path) -> Pixels:
    return {path.name: read_picture(path.read_bytes()).image_HWC for path in (root / "images" / "val").iterdir()}


WAYS: dict[str, Callable[[Path, Path], Pixels]] = {
    "evaluation": lambda root, _: evaluated(root),
    "training": learned,
    "shards": in_shards,
    "address": remote,
    "prediction": predicted,
    "conversion": converted,
    "overlay": drawn_over,
    "benchmark": read_again,
    "bytes": uploaded,
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_the_same_pixels(data: Path, tmp_path: Path, way: str) -> None:
    found = WAYS[way](data, tmp_path)
    wrong = {name: apart(found.get(name), kind.upright_HWC) for name, kind in KINDS.items()}
    more = 4 if way == "conversion" else 0  # what is turned is encoded once more
    assert {name: far for name, far in wrong.items() if far > KINDS[name].apart + more * (KINDS[name].apart > 0)} == {}
    if way != "conversion":
        same = read_again(data, tmp_path)
        assert [name for name in KINDS if not np.array_equal(found[name], same[name])] == []


def apart(found: np.ndarray | None, expected: np.ndarray) -> float:
    """Grey levels that two pictures differ by on the mean."""
    if found is None or found.shape != expected.shape:
        return 255
    return float(np.abs(found.astype(int) - expected).mean())


def test_the_check_sees_the_same_pixels_and_repairs_to_them(data: Path, tmp_path: Path) -> None:
    result = check(data)
    seen = {checked.task.name: checked.digest for checked in result.entries}
    assert [name for name, pixels in read_again(data, tmp_path).items() if digest_of(pixels) != seen[name]] == []
    for checked in result.entries:  # the same picture in many files
        checked.findings = [flaw for flaw in checked.findings if "duplicate" not in flaw.kind]
    repair_folder(result, tmp_path / "repaired", map)
    changes = json.loads((tmp_path / "repaired" / "changes.json").read_text())["val"]
    renamed = {c["image"]: c["value"].removeprefix("to ") for c in changes if c["what"] == "image renamed"}
    for name, kind in KINDS.items():
        repaired = read_picture(tmp_path / "repaired" / "images" / "val" / renamed[name]).image_HWC
        assert apart(repaired, kind.upright_HWC) <= (kind.apart + 4 if kind.apart else 0), name


def test_reports_show_the_same_picture(data: Path) -> None:
    folder = data / "images" / "val"
    read = partial(read_picture, max_pixels=10**6, within=folder)
    for name, kind in KINDS.items():
        address, size = picture(folder / name, read)
        assert size == kind.upright_HWC.shape[1::-1]
        assert apart(jpeg_of(address), kind.upright_HWC) < kind.apart + 12, name  # quality 60, colours at half the size
        small = view(folder / name, None, read)
        assert small is not None
        assert apart(jpeg_of(str(small["address"])), kind.upright_HWC) < kind.apart + 12, name


def jpeg_of(address: str) -> np.ndarray:
    content = base64.b64decode(address.removeprefix("data:image/jpeg;base64,"))
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)


def test_headers_agree_with_the_pixels() -> None:
    for name, kind in KINDS.items():
        header = read_header(kind.content, name)
        assert (*header.upright_size, header.pages) == (*kind.upright_HWC.shape[1::-1], kind.pages), name


@pytest.mark.parametrize("name", REFUSED)
def test_every_way_refuses_with_the_same_reason(tmp_path: Path, name: str) -> None:
    content, part = REFUSED[name]
    root = write_data(tmp_path / "data", {name: content})
    path = root / "images" / "val" / name
    with pytest.raises(ImageError) as caught:
        read_picture(path)
    reason = str(caught.value).removeprefix(f"{path}: ")
    assert part in reason
    with pytest.raises(ImageError) as caught:
        read_picture(content)
    assert str(caught.value) == f"the image given: {reason}"
    for way in (evaluated, lambda root: learned(root, root), lambda root: drawn_over(root, root)):
        with pytest.raises(ImageError) as caught:
            way(root)
        assert reason in str(caught.value)
    (broken,) = read_samples([path], FitLongSide(long_side=LONG_SIDE), 0)
    assert isinstance(broken, Broken)
    assert broken.message == f"{path}: {reason}"
    assert list(find_images(str(path.parent))) == [name]
    with pytest.raises(ValueError, match="no image can be converted") as refused:
        convert(read_ufo(root / "jsons" / "val.json"), tmp_path / "out", "val")
    assert reason in str(refused.value)
    (task,) = contents_of(root).tasks
    checked = check_entry(task, root.resolve(), Limits(200_000_000, 10**9))
    assert checked.size is None
    assert any(finding.about.unreadable for finding in checked.findings)


def test_several_pages_are_said_once_a_file(
    data: Path, make_datamodule: Callable[..., object], caplog: pytest.LogCaptureFixture
) -> None:
    datamodule = make_datamodule(root=data, test_split="val", transform=FitLongSide(long_side=LONG_SIDE))
    datamodule.setup("test")  # type: ignore[attr-defined]
    with caplog.at_level(logging.WARNING, "ocr.data.skipping"):
        for _ in range(2):
            for batch in datamodule.test_dataloader():  # type: ignore[attr-defined]
                datamodule.transfer_batch_to_device(batch, "cpu", 0)  # type: ignore[attr-defined]
    told = [record.getMessage() for record in caplog.records]
    several = {name: kind.pages for name, kind in KINDS.items() if kind.pages > 1}
    assert sorted(told) == sorted(
        f"{data / 'images' / 'val' / name}: only the first of {pages} pages is used" for name, pages in several.items()
    )
    result = check(data)
    found = {f.image: f.value for f in result.findings if f.kind == "animated"}
    assert {name: int(value.split(": ")[1].split()[0]) + 1 for name, value in found.items()} == several


def test_a_conversion_lists_the_pages_it_leaves_out(data: Path, tmp_path: Path) -> None:
    report = convert(read_ufo(data / "jsons" / "val.json"), tmp_path, "val")
    several = {name for name, kind in KINDS.items() if kind.pages > 1}
    assert {Path(line.split(": ")[0]).name for line in report.first_page_alone} == several
    assert f"only the first page read: {len(several)}" in report.lines()
