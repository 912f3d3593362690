"""Corruptions of one image of a data folder: its bytes, its colours and its container, its place, its name."""

import io
import json
import os
import shutil
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from corruption_kind import SPLITS, Corruption, Rng

BOMB_SIDE = 60_000


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
    return image, ("JPEG", "PNG", "WEBP", "TIFF")[int(rng.integers(0, 4))], {"exif": exif}


def transparent(image: Image.Image, rng: Rng) -> tuple[Image.Image, str, dict[str, Any]]:
    """Ink on paper that is not there: what is light is transparent, and black below."""
    ink = ImageOps.invert(image.convert("L"))
    black = Image.new("L", image.size)
    kind = ("RGBA", "LA", "P", "tRNS")[int(rng.integers(0, 4))]
    ending = ("PNG", "WEBP", "TIFF")[int(rng.integers(0, 3))] if kind == "RGBA" else "PNG"
    if kind == "RGBA":
        return Image.merge("RGBA", (black, black, black, ink)), ending, {"lossless": True} if ending == "WEBP" else {}
    if kind == "LA":
        return Image.merge("LA", (black, ink)), ending, {}
    if kind == "P":
        return image.convert("L").quantize(2), ending, {"transparency": int(rng.integers(0, 2))}
    return image.convert("L"), ending, {"transparency": 235}


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


def moved(rename: Callable[[str, Rng], tuple[str, str]]) -> Corruption:
    """A corruption that gives an image another name, in its folder and in its annotation, which need not be one.

    Args:
        rename: from the present name, the file's and the annotation's new one.
    """

    def corruption(root: Path, rng: Rng) -> str:
        path = any_image(root, rng)
        file, entry = rename(path.name, rng)
        annotation = root / "jsons" / f"{path.parent.name}.json"
        content = json.loads(annotation.read_bytes())
        content["images"] = {entry if name == path.name else name: it for name, it in content["images"].items()}
        path.rename(path.with_name(file))
        annotation.write_text(json.dumps(content), encoding="utf-8")
        return f"{path.relative_to(root)} is {file!a}, its annotation {entry!a}"

    return corruption


def other_ending(name: str, rng: Rng) -> tuple[str, str]:
    """An ending that is not the content's, or none, or one that few know."""
    endings = (".jpg", ".JPG", ".jfif", ".jpe", ".gif", ".tif", ".avif", ".jp2", ".pdf", ".webp", ".dat", "")
    new = Path(name).stem + endings[int(rng.integers(0, len(endings)))]
    return new, new


def other_form(name: str, rng: Rng) -> tuple[str, str]:
    """The same name for a reader, in two normal forms."""
    forms = [unicodedata.normalize(form, f"caf\u00e9-\uc601\uc218-{name}") for form in ("NFC", "NFD")]
    first, second = rng.permutation(2)
    return forms[first], forms[second]


def twins(root: Path, rng: Rng) -> str:
    """Two files whose names differ in their normal form alone."""
    path = any_image(root, rng)
    for form in ("NFC", "NFD"):
        shutil.copyfile(path, path.with_name(unicodedata.normalize(form, f"\u00e9-{path.name}")))
    return f"{path.relative_to(root)} twice"


def other_path(name: str, rng: Rng) -> tuple[str, str]:
    """The annotation names the image by a path, as other tools do."""
    paths = ("./{}", "images/train/{}", "../train/{}", "/home/annotator/images/{}", "C:\\images\\{}", "x/../{}")
    return name, paths[int(rng.integers(0, len(paths)))].format(name)


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
    "transparent": saved(transparent),
    "another ending": moved(other_ending),
    "another normal form": moved(other_form),
    "two normal forms": twins,
    "a path for a name": moved(other_path),
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
