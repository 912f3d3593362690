"""A split in a folder, in tar shards or behind an address gives the same samples, and says what is wrong with it."""

import io
import json
import shutil
import sys
import tarfile

import fsspec
import numpy as np
import pytest
import torch

from ocr.formats.common.base import AnnotationError
from ocr.formats.native import read_native
from ocr.formats.webdataset import write_webdataset
from ocr.images.header import ImageError
from ocr.types import InputError
from tests.support.range_server import served


@pytest.fixture
def shards(tiny_data, tmp_path):
    """The tiny data in shards of three images, annotated there."""
    for split in ("train", "val"):
        records = read_native(tiny_data / "jsons" / f"{split}.json", tiny_data / "images" / split)
        assert write_webdataset(records, tmp_path / "shards" / "images", split, images_per_shard=3) == []
    return tmp_path / "shards"


def batches(make_datamodule, root, num_workers=0):
    """Two epochs of training and one of evaluation."""
    datamodule = make_datamodule(root=root, num_workers=num_workers, batch_size=2, seed=3)
    datamodule.setup("fit")
    loader = datamodule.train_dataloader()
    found = []
    for epoch in (0, 1):
        loader.sampler.set_epoch(epoch)
        found += list(loader)
    return found + list(datamodule.val_dataloader())


def check_same(found, expected):
    assert len(found) == len(expected)
    for batch, other in zip(found, expected, strict=True):
        assert [path.name for path in batch.paths] == [path.name for path in other.paths]
        assert torch.equal(batch.images_BCHW, other.images_BCHW)
        assert np.array_equal(batch.matrices_B33, other.matrices_B33)
        assert batch.targets.keys() == other.targets.keys()
        assert all(torch.equal(batch.targets[name], other.targets[name]) for name in other.targets)
        for regions, others in zip(batch.regions, other.regions, strict=True):
            assert [(r.transcription, r.ignore, r.line) for r in regions] == [
                (r.transcription, r.ignore, r.line) for r in others
            ]
            assert all(np.array_equal(r.points_N2, o.points_N2) for r, o in zip(regions, others, strict=True))


def test_folder_shards_and_web_give_the_same_samples(make_datamodule, tiny_data, shards):
    expected = batches(make_datamodule, tiny_data)
    check_same(batches(make_datamodule, shards), expected)
    check_same(batches(make_datamodule, shards, num_workers=2), expected)
    for folder in (tiny_data, shards):
        with served(folder) as address:
            check_same(batches(make_datamodule, address), expected)
            check_same(batches(make_datamodule, address + "/", num_workers=2), expected)


@pytest.mark.parametrize("kind", ["folder", "shards"])
def test_any_file_system_of_fsspec_will_do(make_datamodule, tiny_data, shards, kind):
    folder = tiny_data if kind == "folder" else shards
    fsspec.filesystem("memory").put(str(folder), f"/{kind}", recursive=True)
    check_same(batches(make_datamodule, f"memory://{kind}", num_workers=1), batches(make_datamodule, tiny_data))
    for root in (folder, f"memory://{kind}"):
        make_datamodule(root=root, test_split="val", tested=True).setup("fit")


def test_shards_can_be_annotated_in_the_split_s_file(make_datamodule, tiny_data, shards):
    """Its order counts then, and what the shards say does not."""
    shutil.copytree(tiny_data / "jsons", shards / "jsons")
    for split in ("train", "val"):
        file = shards / "jsons" / f"{split}.json"
        images = json.loads(file.read_text())["images"]
        file.write_text(json.dumps({"images": dict(reversed(images.items()))}))
    datamodule = make_datamodule(root=shards)
    datamodule.setup("validate")
    names = [batch.paths[0].name for batch in datamodule.val_dataloader()]
    assert names == ["val_1.png", "val_0.png"]


def shard(root, members):
    """One shard of a validation split, from (name, content or the type of a member that is no file)."""
    path = root / "images" / "val" / "a.tar"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            else:
                member.type, member.linkname = content.encode(), "/etc/hostname"
                archive.addfile(member)
    return path


HOSTILE = [
    ([("../a.png", b"x")], r"a\.tar: '\.\./a\.png': .*'\.\.'"),
    ([("/etc/a.png", b"x")], r"a\.tar: '/etc/a\.png': "),
    ([("a.png", tarfile.SYMTYPE.decode())], r"a\.tar: 'a\.png' is a link"),
    ([("a.png", tarfile.LNKTYPE.decode())], r"a\.tar: 'a\.png' is a link"),
    ([("a.png", tarfile.FIFOTYPE.decode())], r"a\.tar: 'a\.png' is a link, a device"),
    ([("a.png", b"x"), ("a.jpg", b"x")], r"key 'a' has 2 images and 0 JSON files \(a\.png, a\.jpg\)"),
    ([("a.json", b"{}")], r"key 'a' has 0 images and 1 JSON"),
    (
        [("a.png", b"x"), ("a.json", b"{}"), ("b.txt", b"x"), ("a.png", b"x")],
        r"'a\.png' is also in images/val/a\.tar",
    ),
    ([("a.png", b"x")], r"image 'a\.png': has no JSON file"),
    ([("a.png", b"x"), ("a.json", b"[1]")], r"a\.tar: image 'a\.png': Expected `object`"),
    ([("a.png", b"x"), ("a.json", b'{"words": {"7": {"points": []}}}')], r"image 'a\.png', word '7': points has 0"),
    ([], r"val\.json: holds no image"),
    ([("notes.txt", b"x")], r"val\.json: holds no image"),
]


@pytest.mark.parametrize(("members", "problem"), HOSTILE)
def test_a_hostile_shard_is_refused_by_name(make_datamodule, tmp_path, members, problem):
    shard(tmp_path, members)
    with pytest.raises(InputError, match=problem):
        make_datamodule(root=tmp_path).setup("validate")


def test_a_shard_cut_off_anywhere_is_refused(make_datamodule, shards):
    """Of each shard that is shorter than its members, and with a byte of a header changed."""
    path = shards / "images" / "val" / "val-000000.tar"
    whole = path.read_bytes()
    with tarfile.open(path) as archive:
        places = [member.offset for member in archive]
        end = archive.offset
    for length in (0, 1, 511, 512, *places[1:], places[1] + 512, end - 1, end):
        path.write_bytes(whole[:length])
        with pytest.raises(AnnotationError, match=r"val-000000\.tar: "):
            make_datamodule(root=shards).setup("validate")
    for place in places:
        broken = bytearray(whole)
        broken[place + 3] ^= 1
        path.write_bytes(broken)
        with pytest.raises(AnnotationError, match=r"val-000000\.tar: "):
            make_datamodule(root=shards).setup("validate")


@pytest.mark.parametrize("size", [b"77777777777\0", b"\xff" * 12, b"\x80" + b"\xff" * 11])
def test_a_size_that_cannot_be_is_refused(make_datamodule, shards, size):
    path = shards / "images" / "val" / "val-000000.tar"
    content = bytearray(path.read_bytes())
    content[124:136] = size
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    path.write_bytes(content)
    with pytest.raises(AnnotationError, match=r"val-000000\.tar: "):
        make_datamodule(root=shards).setup("validate")


def test_a_shard_that_changes_while_it_is_read_is_named(make_datamodule, shards):
    datamodule = make_datamodule(root=shards)
    datamodule.setup("validate")
    path = shards / "images" / "val" / "val-000000.tar"
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(ImageError, match=r"val_0\.png in images/val/val-000000\.tar: came with"):
        list(datamodule.val_dataloader())


def test_names_in_a_shard_may_begin_with_a_dot_and_a_slash(make_datamodule, tiny_data, tmp_path):
    """As ``tar -c .`` writes them."""
    shutil.copytree(tiny_data / "jsons", tmp_path / "jsons")
    images = sorted((tiny_data / "images" / "val").iterdir())
    shard(tmp_path, [(f"./{image.name}", image.read_bytes()) for image in images])
    datamodule = make_datamodule(root=tmp_path)
    datamodule.setup("validate")
    names = [batch.paths[0].name for batch in datamodule.val_dataloader()]
    assert names == [image.name for image in images]


def test_a_web_server_need_not_list_its_folders(make_datamodule, tiny_data):
    with served(tiny_data, listing=False) as address:
        datamodule = make_datamodule(root=address)
        datamodule.setup("validate")
        assert [batch.paths[0].name for batch in datamodule.val_dataloader()] == ["val_0.png", "val_1.png"]


def test_a_path_that_no_file_can_have_is_named(make_datamodule, tmp_path):
    (tmp_path / "jsons").mkdir()
    name = f"{'folder/' * 1000}a.png"
    (tmp_path / "jsons" / "val.json").write_text(json.dumps({"images": {name: {}}}))
    with pytest.raises(AnnotationError, match=r"images/val/folder/.*cannot be accessed .*too long"):
        make_datamodule(root=tmp_path).setup("validate")


def test_what_is_wrong_behind_an_address_is_named(make_datamodule, tiny_data, tmp_path):
    data = shutil.copytree(tiny_data, tmp_path / "data")
    fsspec.filesystem("memory").put(str(data), "/named", recursive=True)
    with pytest.raises(InputError, match=r"memory://named/jsons/holdout\.json: no such split"):
        make_datamodule(root="memory://named", test_split="holdout").setup("test")
    with pytest.raises(InputError, match="no split 'holdout' to test on"):
        make_datamodule(root="memory://named", test_split="holdout", tested=True).setup("fit")
    make_datamodule(root="memory://named", tested=True).setup("fit")
    fsspec.filesystem("memory").rm("/named/images/val/val_1.png")
    with pytest.raises(AnnotationError, match=r"1 of 2 images are missing.*val_1\.png"):
        make_datamodule(root="memory://named").setup("validate")
    (data / "images" / "val" / "val_1.png").unlink()
    with served(data) as address:
        datamodule = make_datamodule(root=address)
        datamodule.setup("validate")
        with pytest.raises(ImageError, match=r"val_1\.png: is missing"):
            list(datamodule.val_dataloader())


@pytest.mark.parametrize(("root", "problem"), [("abfs://bucket/data", "adlfs"), ("nonsense://data", "nonsense")])
def test_a_protocol_without_its_package_is_told(make_datamodule, monkeypatch, root, problem):
    monkeypatch.setitem(sys.modules, "adlfs", None)  # as where it is not installed
    with pytest.raises(InputError, match=rf"data\.root={root}: .*{problem}.*install the package"):
        make_datamodule(root=root).setup("validate")


def test_a_request_that_fails_now_and_then_is_made_again(make_datamodule, tiny_data, monkeypatch):
    monkeypatch.setattr("ocr.data.files.PAUSE", 0)
    memory = fsspec.filesystem("memory")
    memory.put(str(tiny_data), "/flaky", recursive=True)
    datamodule = make_datamodule(root="memory://flaky")
    datamodule.setup("validate")
    opened, failures = type(memory)._open, iter([True, True, False, True, True, True])

    def flaky(self, path, *given, **settings):
        if next(failures):
            raise ConnectionError("reset by peer")
        return opened(self, path, *given, **settings)

    monkeypatch.setattr(type(memory), "_open", flaky)
    loader = iter(datamodule.val_dataloader())
    assert next(loader).paths[0].name == "val_0.png"
    with pytest.raises(ImageError, match=r"val_1\.png: .*3 times \(ConnectionError: reset by peer\)"):
        next(loader)
