"""Seeded corruptions of a native data folder: what disks, scripts, annotators and strangers do to images and JSON."""

from __future__ import annotations

import io
import json
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Rng = np.random.Generator
Corruption = Callable[[Path, Rng], str]
"""(data folder, randomness) -> what was done, for the record."""

SPLITS = ("train", "val")
BOMB_SIDE = 60_000


def corrupt(root: Path, rng: Rng) -> list[str]:
    """One to three corruptions of a data folder, in place; one that finds nothing left to corrupt is drawn anew.

    Returns:
        What was done, a line each, beginning with the corruption's name.
    """
    done: list[str] = []
    wanted = int(rng.integers(1, 4))
    while len(done) < wanted:
        group = (IMAGE, BYTES, ENTRY, WORD)[int(rng.choice(4, p=(0.35, 0.1, 0.2, 0.35)))]
        name = str(rng.choice(sorted(group)))
        try:
            done.append(f"{name}: {group[name](root, rng)}")
        except (
            OSError,
            ValueError,
            IndexError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
            Image.DecompressionBombError,
        ):
            if not any(root.rglob("*.json")):
                break  # an earlier corruption took the file away that this one needs
    return done


# --- images: one file of one split ------------------------------------------------------------------------------------


def any_image(root: Path, rng: Rng) -> Path:
    """One of the image files."""
    return rng.choice(np.array(sorted(path for path in root.glob("images/*/*") if path.is_file()), object))


def image_bytes(change: Callable[[bytearray, Rng], bytes]) -> Corruption:
    """A corruption of a file's bytes."""

    def corruption(root: Path, rng: Rng) -> str:
        path = any_image(root, rng)
        path.write_bytes(change(bytearray(path.read_bytes()), rng))
        return str(path.relative_to(root))

    return corruption


def flipped(content: bytearray, rng: Rng) -> bytes:
    """Some bytes changed, the first 64 as likely as all the others."""
    for _ in range(int(rng.integers(1, 9))):
        end = 64 if rng.random() < 0.5 else len(content)
        content[int(rng.integers(0, min(end, len(content))))] = int(rng.integers(0, 256))
    return bytes(content)


def truncated(content: bytearray, rng: Rng) -> bytes:
    """Only the beginning."""
    return bytes(content[: int(rng.integers(1, len(content)))])


def bomb(content: bytearray, rng: Rng) -> bytes:  # noqa: ARG001 - as the others
    """A small PNG whose header promises billions of pixels."""
    small = io.BytesIO()
    Image.new("L", (1, 1)).save(small, "PNG")
    head = bytearray(small.getvalue())
    head[16:24] = BOMB_SIDE.to_bytes(4) + BOMB_SIDE.to_bytes(4)
    head[29:33] = zlib.crc32(head[12:29]).to_bytes(4)
    return bytes(head)


def saved(change: Callable[[Image.Image, Rng], tuple[Image.Image, str, dict[str, Any]]]) -> Corruption:
    """A corruption that decodes the image and writes another."""

    def corruption(root: Path, rng: Rng) -> str:
        path = any_image(root, rng)
        image = Image.open(path).convert("RGB")
        other, ending, options = change(image, rng)
        encoded = io.BytesIO()
        other.save(encoded, ending, **options)
        path.write_bytes(encoded.getvalue())
        return f"{path.relative_to(root)} is a {other.mode} {ending} of {other.width} x {other.height}"

    return corruption


def turned(image: Image.Image, rng: Rng) -> tuple[Image.Image, str, dict[str, Any]]:
    """An EXIF orientation that was not there when the image was annotated."""
    exif = Image.Exif()
    exif[0x0112] = int(rng.integers(0, 12))
    return image, "JPEG", {"exif": exif}


def resized(image: Image.Image, rng: Rng) -> tuple[Image.Image, str, dict[str, Any]]:
    """Another size than was annotated."""
    size = [(1, 1), (1, 3000), (3000, 1), (image.height, image.width), (image.width // 2, image.height)]
    return image.resize(size[int(rng.integers(0, len(size)))]), "PNG", {}


def mode(name: str, ending: str) -> Callable[[Image.Image, Rng], tuple[Image.Image, str, dict[str, Any]]]:
    """The image in another colour mode."""
    return lambda image, _: (image.convert("I").convert(name) if name == "I;16" else image.convert(name), ending, {})


def animated(image: Image.Image, rng: Rng) -> tuple[Image.Image, str, dict[str, Any]]:
    """Several pictures in one file."""
    ending = ("GIF", "PNG", "TIFF", "WEBP")[int(rng.integers(0, 4))]
    return image, ending, {"save_all": True, "append_images": [image.rotate(90), image.rotate(180)]}


def replaced(make: Callable[[Path, Path], object]) -> Corruption:
    """A corruption that puts something else in the file's place."""

    def corruption(root: Path, rng: Rng) -> str:
        path = any_image(root, rng)
        path.unlink()
        make(path, root)
        return str(path.relative_to(root))

    return corruption


def outside(path: Path, root: Path) -> None:
    """A link to an image that is not in the data folder."""
    target = root.parent / "outside.png"
    Image.new("RGB", (200, 300), (235, 235, 235)).save(target)
    path.symlink_to(target)


def copied(root: Path, rng: Rng) -> str:
    """The bytes of one image in the place of another, or beside it under a new name."""
    first, second = any_image(root, rng), any_image(root, rng)
    target = second if rng.random() < 0.5 else second.with_name(f"copy-{second.name}")
    shutil.copyfile(first, target) if first != target else None
    return f"{first.relative_to(root)} to {target.relative_to(root)}"


def stray(root: Path, rng: Rng) -> str:
    """A file that is no image among the images."""
    names = ["notes.txt", "Thumbs.db", ".hidden.jpg", "a\nb.png", "-rf.jpg", "x" * 200 + ".png", "d\udcff.png"]
    path = root / "images" / SPLITS[int(rng.integers(0, 2))] / names[int(rng.integers(0, len(names)))]
    path.write_bytes(rng.bytes(40))
    return repr(path.name)


IMAGE: dict[str, Corruption] = {
    "empty image": image_bytes(lambda *_: b""),
    "truncated image": image_bytes(truncated),
    "flipped bytes of an image": image_bytes(flipped),
    "random bytes": image_bytes(lambda content, rng: rng.bytes(len(content))),
    "text for an image": image_bytes(lambda *_: b"<html>404 Not Found</html>"),
    "garbage behind an image": image_bytes(lambda content, rng: bytes(content) + rng.bytes(500)),
    "decompression bomb": image_bytes(bomb),
    "EXIF orientation": saved(turned),
    "another size": saved(resized),
    "CMYK": saved(mode("CMYK", "JPEG")),
    "16 bit": saved(mode("I;16", "PNG")),
    "grey": saved(mode("L", "PNG")),
    "alpha": saved(mode("RGBA", "PNG")),
    "palette": saved(mode("P", "PNG")),
    "one bit": saved(mode("1", "PNG")),
    "another format": saved(mode("RGB", "BMP")),
    "several pictures": saved(animated),
    "image removed": replaced(lambda *_: None),
    "folder for an image": replaced(lambda path, _: path.mkdir()),
    "pipe for an image": replaced(lambda path, _: os.mkfifo(path)),
    "link to itself": replaced(lambda path, _: path.symlink_to(path.name)),
    "link to nothing": replaced(lambda path, _: path.symlink_to("gone.png")),
    "link out of the folder": replaced(outside),
    "image copied": copied,
    "stray file": stray,
}


# --- annotation files as bytes ----------------------------------------------------------------------------------------


def annotation_bytes(change: Callable[[bytearray, Rng], bytes]) -> Corruption:
    """A corruption of an annotation file's bytes."""

    def corruption(root: Path, rng: Rng) -> str:
        path = root / "jsons" / f"{SPLITS[int(rng.integers(0, 2))]}.json"
        path.write_bytes(change(bytearray(path.read_bytes()), rng))
        return path.name

    return corruption


def gone(root: Path, rng: Rng) -> str:
    """The annotation file is a folder, a dangling link, or not there."""
    path = root / "jsons" / f"{SPLITS[int(rng.integers(0, 2))]}.json"
    path.unlink()
    kind = int(rng.integers(0, 3))
    if kind == 0:
        path.mkdir()
    elif kind == 1:
        path.symlink_to("gone.json")
    return f"{path.name} is {('a folder', 'a dangling link', 'removed')[kind]}"


BYTES: dict[str, Corruption] = {
    "empty annotation": annotation_bytes(lambda *_: b""),
    "truncated annotation": annotation_bytes(truncated),
    "flipped bytes of an annotation": annotation_bytes(flipped),
    "byte order mark": annotation_bytes(lambda content, _: b"\xef\xbb\xbf" + bytes(content)),
    "invalid UTF-8": annotation_bytes(lambda content, _: bytes(content).replace(b"TOTAL", b"TOT\xff\xfe", 1)),
    "UTF-16": annotation_bytes(lambda content, _: bytes(content).decode().encode("utf-16")),
    "a list": annotation_bytes(lambda *_: b"[]"),
    "no images": annotation_bytes(lambda *_: b'{"images": {}}'),
    "deep nesting": annotation_bytes(
        lambda *_: b'{"images": {"a.png": {"words": ' + b"[" * 99_999 + b"]" * 99_999 + b"}}}"
    ),
    "annotation gone": gone,
}


# --- one image's entry ------------------------------------------------------------------------------------------------


def edited(change: Callable[[dict[str, Any], str, Rng], object]) -> Corruption:
    """A corruption of one image's entry: it gets all the images and the name of one."""

    def corruption(root: Path, rng: Rng) -> str:
        path = root / "jsons" / f"{SPLITS[int(rng.integers(0, 2))]}.json"
        content = json.loads(path.read_bytes())
        name = str(rng.choice(sorted(content["images"])))
        change(content["images"], name, rng)
        path.write_text(json.dumps(content), encoding="utf-8")
        return f"{name} in {path.name}"

    return corruption


def renamed(images: dict[str, Any], name: str, rng: Rng) -> None:
    """A name that is none, or that leads out of the folder."""
    names = [
        "../outside.png",
        "/etc/passwd",
        "",
        ".",
        "..",
        "a\nb.png",
        "a/../../b.png",
        "\ud800.png",
        "gone.png",
        "C:\\x.png",
    ]
    images[names[int(rng.integers(0, len(names)))]] = images.pop(name)


def field(key: str, *values: Any) -> Corruption:
    """One of the entry's fields with one of these values."""
    return edited(lambda images, name, rng: images[name].update({key: values[int(rng.integers(0, len(values)))]}))


def exchanged(images: dict[str, Any], name: str, rng: Rng) -> None:  # noqa: ARG001 - as the others
    """Width for height."""
    images[name]["img_w"], images[name]["img_h"] = images[name]["img_h"], images[name]["img_w"]


ENTRY: dict[str, Corruption] = {
    "image renamed": edited(renamed),
    "entry removed": edited(lambda images, name, _: images.pop(name)),
    "entry is no object": edited(lambda images, name, _: images.update({name: [1, 2]})),
    "words": field("words", None, [], {}, "words", 7, {"0001": None}, {"0001": []}),
    "width": field("img_w", 0, -5, "200", 200.5, None, 10**30, 20, True),
    "width and height exchanged": edited(exchanged),
    "unknown field": field("tags", [], {"deep": [[[{}]]]}),
}


# --- one word ---------------------------------------------------------------------------------------------------------


def word(key: str, *values: Any) -> Corruption:
    """One field of one word with one of these values; a callable makes it from the present one."""

    def change(images: dict[str, Any], name: str, rng: Rng) -> None:
        words = images[name]["words"]
        entry = words[str(rng.choice(sorted(words)))]
        value = values[int(rng.integers(0, len(values)))]
        entry[key] = value(entry.get(key), rng) if callable(value) else value

    return edited(change)


def one_number(value: Any) -> Callable[[list[list[float]], Rng], Any]:
    """The polygon with this for one of its coordinates."""

    def change(points: list[list[float]], rng: Rng) -> Any:
        points[int(rng.integers(0, len(points)))][int(rng.integers(0, 2))] = value
        return points

    return change


def duplicated(images: dict[str, Any], name: str, rng: Rng) -> None:  # noqa: ARG001 - as the others
    """A word twice."""
    words = images[name]["words"]
    words["9999"] = words[min(words)]


WORD: dict[str, Corruption] = {
    "not a number": word("points", *map(one_number, (float("nan"), float("inf"), -float("inf")))),
    "out of bounds": word("points", *map(one_number, (-500, 1e6, 1e38, 1e308, 10**400, -3, 203))),
    "no number": word("points", *map(one_number, ("12", None, [], True))),
    "points": word("points", None, [], [[1, 2]], [[1, 2], [3, 4]], "1 2 3 4", [1, 2, 3, 4, 5, 6], [[1, 2, 3]] * 4, {}),
    "no area": word("points", [[10, 10]] * 4, [[10, 10], [60, 10], [110, 10]], [[10, 10], [10.001, 10], [10, 10.001]]),
    "crosses itself": word("points", [[10, 10], [60, 40], [60, 10], [10, 40]], lambda points, _: points + points),
    "anticlockwise": word("points", lambda points, _: points[::-1], lambda points, _: points[2:] + points[:2]),
    "very many points": word("points", lambda _, rng: (rng.random((3000, 2)) * 100).tolist()),
    "transcription": word("transcription", 7, [], "", "\x00\x07", "\ufffd", "caf\u00c3\u00a9", "\ud83d", "x" * 100_000),
    "ignore": word("ignore", "yes", 1, None, True),
    "line": word("line", 1.5, "1", -1, 10**30, True),
    "word duplicated": edited(duplicated),
}
