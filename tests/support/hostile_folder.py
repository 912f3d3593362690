"""A folder of anything: what a person, a camera or an enemy may leave among images."""

import contextlib
import os
import socket
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

LONGEST = 255
"""Bytes of a name."""


def receipt(width: int, height: int) -> Image.Image:
    """A grey page."""
    return Image.fromarray(np.full((height, width, 3), 220, np.uint8))


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header says that it is of this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def write_images(folder: Path) -> set[str]:
    """Unusual images that can be read, by name."""
    page = receipt(60, 90)
    page.save(folder / "plain.jpg")
    page.save(folder / "plain.webp")
    page.save(folder / "plain.bmp")
    page.save(folder / "plain.tif")
    page.convert("CMYK").save(folder / "cmyk.jpg")
    page.convert("L").save(folder / "grey.png")
    page.convert("RGBA").save(folder / "alpha.png")
    page.save(folder / "animated.webp", save_all=True, append_images=[receipt(60, 90).rotate(180)], duration=50)
    Image.fromarray(np.full((90, 60), 40000, np.uint16)).save(folder / "sixteen-bit.png")
    receipt(1, 1).save(folder / "1x1.png")
    receipt(1, 20000).save(folder / "1x20000.png")
    receipt(20000, 1).save(folder / "20000x1.png")
    page.save(folder / "png-inside.jpg", "PNG")
    page.save(folder / "-rf.jpg")
    page.save(folder / "[red]markup[bold].jpg")
    page.save(folder / "영수증 ${a}, 'b'=%s.jpg")
    page.save(folder / f"{'x' * (LONGEST - 4)}.png")
    (folder / "folder.jpg").mkdir()
    page.save(folder / "folder.jpg" / "inside.jpg")
    (folder / "link.jpg").symlink_to("plain.jpg")
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def write_others(folder: Path, elsewhere: Path) -> set[str]:
    """What cannot be predicted on, by name as bytes would have it."""
    rng = np.random.default_rng(0)
    names = []
    for number in range(20):
        path = folder / f"random_{number}.{('jpg', 'png', 'tiff', 'webp', 'bmp')[number % 5]}"
        magic = (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\0", b"RIFF\0\0\0\0WEBP", b"BM")[number % 5]
        path.write_bytes((magic if number < 10 else b"") + rng.bytes(200 * number))
        names.append(path.name)
    whole = (folder / "plain.jpg").read_bytes()
    for name, content in {
        "empty.jpg": b"",
        "truncated.jpg": whole[: len(whole) // 2],
        "bomb.png": png_of_size(60000, 60000),
        "text.jpg": b"<svg onload='alert(1)'/>",
        "line\nbreak.jpg": whole,
        "carriage\rreturn.jpg": whole,
        "\x1b[2Jescape.jpg": whole,
    }.items():
        (folder / name).write_bytes(content)
        names.append(name)
    raw = os.fsencode(folder) + b"/not-\xff\xfe-utf8.jpg"
    Path(os.fsdecode(raw)).write_bytes(whole)
    os.mkfifo(folder / "pipe.png")
    with socket.socket(socket.AF_UNIX) as unix, contextlib.chdir(folder):  # a socket's path may be 100 bytes long
        unix.bind("socket.jpg")
    (folder / "zero.png").symlink_to("/dev/zero")
    (folder / "dangling.jpg").symlink_to("nowhere.jpg")
    (folder / "loop.jpg").symlink_to("loop.jpg")
    (folder / "self").symlink_to(".")
    (folder / "elsewhere").symlink_to(elsewhere)
    names += ["pipe.png", "socket.jpg", "zero.png", "dangling.jpg", "loop.jpg", "elsewhere"]
    return {*names, os.fsdecode(b"not-\xff\xfe-utf8.jpg")}
