"""Corruptions of an annotation file: its bytes, the entry of one image, all the words of one image."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corrupted_images import flipped, truncated
from corruption_kind import SPLITS, Corruption, Rng


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


# --- one image's entry ---


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


def scaled(factor: float) -> Callable[[dict[str, Any], str, Rng], None]:
    """Coordinates as shares of the image's sides, times a factor."""

    def change(images: dict[str, Any], name: str, rng: Rng) -> None:  # noqa: ARG001 - as the others
        entry = images[name]
        for word in entry["words"].values():
            word["points"] = [[factor * x / entry["img_w"], factor * y / entry["img_h"]] for x, y in word["points"]]

    return change


def surrounded(images: dict[str, Any], name: str, rng: Rng) -> None:
    """An ignored region around some words, or around all."""
    right = images[name]["img_w"] if rng.random() < 0.5 else 100
    points = [[0, 0], [right, 0], [right, 299], [0, 299]]
    images[name]["words"]["9998"] = {"points": points, "transcription": None, "ignore": True, "line": None}


def without_text(images: dict[str, Any], name: str, rng: Rng) -> None:  # noqa: ARG001 - the whole split
    """No words in any image of the split, or none that counts."""
    dropped = rng.random() < 0.5
    for entry in images.values():
        if dropped:
            entry["words"] = {}
        for word in entry["words"].values():
            word["ignore"] = True


ENTRY: dict[str, Corruption] = {
    "relative coordinates": edited(scaled(1.0)),
    "percentages": edited(scaled(100.0)),
    "ignored region around words": edited(surrounded),
    "split without text": edited(without_text),
    "image renamed": edited(renamed),
    "entry removed": edited(lambda images, name, _: images.pop(name)),
    "entry is no object": edited(lambda images, name, _: images.update({name: [1, 2]})),
    "words": field("words", None, [], {}, "words", 7, {"0001": None}, {"0001": []}),
    "width": field("img_w", 0, -5, "200", 200.0, 200.5, None, 10**30, 20, True),
    "width and height exchanged": edited(exchanged),
    "unknown field": field("tags", [], {"deep": [[[{}]]]}),
}
