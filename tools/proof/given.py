"""The inputs of both revisions: small, as odd as users' files, the same bytes for the same seed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]
WIDTH, HEIGHT = 200, 300
TEXTS = ("TOTAL 9", "", None, "Käse €2", "12.50", "a b", "Σ", "x")


def give(folder: Path, root: Path, data: Path, copies: int) -> None:
    """Everything but the receipts, which REF's generator makes.

    Args:
        folder: where to.
        root: REF's files, for the shipped weights.
        data: the receipts.
        copies: of the test images in the metric's timing.
    """
    shutil.copy(root / "weights" / "receipts.safetensors", folder / "shipped.safetensors")
    if (lines := root / "weights" / "lines.safetensors").exists():  # older revisions have none
        shutil.copy(lines, folder / "lines.safetensors")
    crops = [crop(path, number) for number, path in enumerate(sorted((data / "images" / "test").iterdir()))]
    small_data(folder / "small")
    shutil.copytree(folder / "small", folder / "holed")
    (folder / "holed" / "images" / "train" / "train_3.png").write_bytes(b"no picture")
    photos(folder / "photos", crops)
    good(folder / "good", crops)
    flawed_data(folder / "flawed")
    scores(folder / "scores", folder / "small")
    foreign(folder / "foreign", folder / "small")
    hostile(folder / "hostile", folder / "shipped.safetensors")
    write_many(data, folder / "many", copies)


def crop(path: Path, number: int) -> Pixels:
    """A piece of a receipt with a few lines of text, as a network of few steps finds them too."""
    pixels = np.asarray(Image.open(path).convert("RGB"))
    return np.ascontiguousarray(pixels[100 * number : 100 * number + 420, 40:460])


def write_json(path: Path, content: Any) -> None:
    """A file in a folder that may not be there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def page(rng: np.random.Generator) -> tuple[Pixels, dict[str, Any]]:
    """A drawn receipt of four lines of two words, and its annotation; two of the words are ignored, two are turned."""
    pixels = np.full((HEIGHT, WIDTH, 3), 235, np.uint8)
    words = {}
    for number in range(8):
        left, top = 20 + 90 * (number % 2) + int(rng.integers(0, 8)), 40 + 60 * (number // 2) + int(rng.integers(0, 8))
        cv2.putText(pixels, "TOTAL 9", (left, top + 14), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 1)
        turned = 4.5 if number in {2, 5} else 0.0
        points = [[left, top + turned], [left + 68, top], [left + 68 - turned, top + 18], [left, top + 18 + turned]]
        text = TEXTS[number]
        words[f"{number + 1:04d}"] = {
            "points": points,
            "transcription": text,
            "ignore": number in {1, 6},
            "line": number // 2,
            **({"field": "total"} if number == 7 else {}),
        }
    return pixels, {"img_w": WIDTH, "img_h": HEIGHT, "words": words}


def small_data(folder: Path) -> None:
    """Small drawn receipts in the native layout; one picture of each split stands on its side and says so in EXIF."""
    rng = np.random.default_rng(0)
    for split, count in {"train": 6, "val": 3, "test": 3}.items():
        images = {}
        (folder / "images" / split).mkdir(parents=True)
        for number in range(count):
            pixels, entry = page(rng)
            name = f"{split}_{number}.{'jpg' if number == 1 else 'png'}"
            save(folder / "images" / split / name, pixels, turned=number == 1)
            images[name] = entry
        write_json(folder / "jsons" / f"{split}.json", {"images": images})


def save(path: Path, pixels: Pixels, *, turned: bool = False) -> None:
    """A picture as its ending says; ``turned``: lying on its side, with the EXIF entry that puts it upright."""
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6
        pixels = np.ascontiguousarray(np.rot90(pixels))
    options: dict[str, Any] = {"quality": 95} if path.suffix in {".jpg", ".webp"} else {}
    Image.fromarray(pixels).save(path, exif=exif, **options)


def good(folder: Path, crops: list[Pixels]) -> None:
    """Four pictures without a fault."""
    for number, pixels in enumerate([*crops, crops[0][:200]]):
        save(folder / f"{'abcdefgh'[number]}.png", pixels)


def photos(folder: Path, crops: list[Pixels]) -> None:
    """A folder as people have it: every kind of picture, one broken, one that is none."""
    first, second = crops[0], crops[1]
    save(folder / "exif.jpg", first, turned=True)
    save(folder / "exif.png", second, turned=True)
    save(folder / "web.webp", second)
    ink = np.dstack([np.zeros_like(first), 255 - first.min(axis=2)])
    Image.fromarray(ink).save(folder / "transparent.png")
    Image.fromarray(first).convert("P").save(folder / "palette.gif")
    Image.fromarray(first).convert("CMYK").save(folder / "press.jpg", quality=95)
    cv2.imwrite(str(folder / "deep.png"), first.astype(np.uint16) * 257)
    pages = [Image.fromarray(pixels) for pixels in crops]
    pages[0].save(folder / "pages.tif", save_all=True, append_images=pages[1:])
    (folder / "broken.jpg").write_bytes((folder / "exif.jpg").read_bytes()[:3000])
    (folder / "empty.png").touch()
    (folder / "text.jpg").write_text("no picture\n", encoding="utf-8")
    (folder / "notes.txt").write_text("no picture either\n", encoding="utf-8")
    (folder / "deeper").mkdir()
    save(folder / "deeper" / "blank.png", np.full((64, 48, 3), 255, np.uint8))


def flawed_data(folder: Path) -> None:
    """A data folder with one of many flaws in each entry."""
    rng = np.random.default_rng(1)
    images: dict[str, Any] = {}
    for number in range(8):
        pixels, images[f"{number}.png"] = page(rng)
        save(folder / "images" / "train" / f"{number}.png", pixels)
    words = [images[f"{number}.png"]["words"] for number in range(8)]
    words[0]["0001"]["points"] = [[10, 10], [190, 290], [190, 10], [10, 290]]  # crosses itself
    words[1]["0002"]["points"] = [[-30, 10], [60, 10], [60, 40], [-30, 40]]  # leaves the image
    words[1]["0003"]["points"] = [[400, 400], [440, 400], [440, 420], [400, 420]]  # lies outside
    words[2]["0001"]["points"] = [[10, 10], [20, 10]]
    words[3]["0001"]["points"] = words[3]["0002"]["points"]
    words[4].clear()
    images["5.png"] |= {"img_w": HEIGHT, "img_h": WIDTH}
    images["gone.png"] = images["6.png"]
    (folder / "images" / "train" / "6.png").write_bytes((folder / "images" / "train" / "6.png").read_bytes()[:500])
    save(folder / "images" / "train" / "stray.png", np.full((HEIGHT, WIDTH, 3), 200, np.uint8))
    write_json(folder / "jsons" / "train.json", {"images": images})
    save(folder / "images" / "val" / "7.png", page(np.random.default_rng(1))[0])
    write_json(folder / "jsons" / "val.json", {"images": {"7.png": images["7.png"]}})


def scores(folder: Path, small: Path) -> None:
    """Predictions of which images are missing, and one is too many, with odd polygons."""
    truth = json.loads((small / "jsons" / "train.json").read_text(encoding="utf-8"))["images"]
    write_json(folder / "truth.json", {"images": truth})
    found: dict[str, Any] = {}
    for number, (name, entry) in enumerate(list(truth.items())[:4]):
        words = {
            key: {"points": [[x + 3 * number, y + number] for x, y in word["points"]], "score": 0.9 - 0.1 * number}
            for place, (key, word) in enumerate(entry["words"].items())
            if (place + number) % 4
        }
        found[name] = {**entry, "words": words}
    found["train_0.png"]["words"]["0099"] = {"points": [[0, 0], [200, 300], [200, 0], [0, 300]]}
    found["train_1.jpg"]["words"]["0098"] = {"points": [[20, 40], [180, 40], [180, 62], [20, 62]]}
    write_json(folder / "found.json", {"images": found})
    write_json(folder / "extra.json", {"images": {**found, "another.png": found["train_0.png"]}})


def foreign(folder: Path, small: Path) -> None:
    """Files of other formats as their tools write them, with what our own writers never write."""
    image = small / "images" / "train" / "train_0.png"
    for name in ("coco", "icdar2015", "labelstudio"):
        (folder / name).mkdir(parents=True)
        shutil.copy(image, folder / name / "a.png")
    boxes = [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 40, 68, 18], "segmentation": []},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [60, 100, 80, 20], "attributes": {"rotation": 45}},
        {
            "id": 3,
            "image_id": 1,
            "category_id": 1,
            "segmentation": [[20, 160, 90, 160, 90, 180, 20, 180]],
            "iscrowd": 0,
        },
    ]
    head = {"images": [{"id": 1, "file_name": "a.png", "width": WIDTH, "height": HEIGHT}]}
    write_json(folder / "coco" / "a.json", head | {"categories": [{"id": 1, "name": "text"}], "annotations": boxes})
    lines = "\ufeff20,40,88,40,88,58,20,58,TOTAL, 9\n110,40,178,40,178,58,110,58,###\n1,2,3\n"
    (folder / "icdar2015" / "gt_a.txt").write_text(lines, encoding="utf-8")
    value = {"x": 10, "y": 20, "width": 40, "height": 10, "rotation": 30}
    about = {"original_width": WIDTH, "original_height": HEIGHT, "from_name": "box", "to_name": "image", "id": "r1"}
    result = [{**about, "type": "rectangle", "value": value}]
    task = {"id": 1, "data": {"image": "/data/upload/1/a.png"}, "annotations": [{"result": result}]}
    write_json(folder / "labelstudio" / "a.json", [task])


def hostile(folder: Path, weights: Path) -> None:
    """Files that are not what their names say, or say what they must not."""
    folder.mkdir()
    (folder / "text.ckpt").write_text("no checkpoint\n", encoding="utf-8")
    (folder / "text.onnx").write_text("no network\n", encoding="utf-8")
    content = weights.read_bytes()
    (folder / "short.safetensors").write_bytes(content[: len(content) // 2])
    size = int.from_bytes(content[:8], "little")
    for name, old, new in (
        ("pretrained", r'(pretrained\\*": )false', r"\1true"),
        ("room", r"ocr\.models\.", "subprocess."),
        ("stride", r'(map_stride\\*": \\*")1', r"\g<1>2"),
    ):
        header = re.sub(old, new, content[8 : 8 + size].decode()).encode()
        header += b" " * (-len(header) % 8)
        (folder / f"{name}.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + content[8 + size :])
    (folder / "truth.json").write_text('{"images": {"a.png": {"words": []}}}', encoding="utf-8")
    (folder / "cut.json").write_text('{"images": {"a.png"', encoding="utf-8")


def write_many(data: Path, folder: Path, copies: int) -> None:
    """Ground truth and predictions that the metric takes a second for.

    The ground truth of a split under many names; the predictions are its lines moved by a few pixels, every seventh
    left out.
    """
    images: Mapping[str, Any] = json.loads((data / "jsons" / "test.json").read_text(encoding="utf-8"))["images"]
    truth, found = {}, {}
    for copy in range(copies):
        for name, image in images.items():
            truth[f"{copy}_{name}"] = image
            words = {
                key: {"points": [[x + copy % 5, y + copy % 3] for x, y in word["points"]]}
                for number, (key, word) in enumerate(image["words"].items())
                if (number + copy) % 7
            }
            found[f"{copy}_{name}"] = {**image, "words": words}
    write_json(folder / "truth.json", {"images": truth})
    write_json(folder / "found.json", {"images": found})
