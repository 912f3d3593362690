"""One picture in every way that a file may hold it, and files that only look like pictures."""

import io
import struct
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageCms

from encoded_images import encoded, exif
from hostile_folder import png_of_size
from ocr.images.orientation import turned

WIDTH, HEIGHT = 64, 96
COLOURS = {"white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "blue": (0, 0, 255), "grey": (85, 85, 85)}
RNG = np.random.default_rng(0)


def drawing() -> np.ndarray:
    """uint8 RGB of whole blocks of 16 pixels, so that JPEG keeps it; no turn of it looks like another."""
    picture_HWC = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    picture_HWC[:16, :32] = COLOURS["black"]
    picture_HWC[32:48, 16:48] = COLOURS["red"]
    picture_HWC[64:80, :16] = COLOURS["blue"]
    picture_HWC[80:, 32:] = COLOURS["grey"]
    return picture_HWC


COLOURED = drawing()
GREY = np.repeat(COLOURED[..., 1:2], 3, axis=2)  # red and blue are black then
PAPER = (COLOURED == 255).all(axis=2)
INK_ON_NOTHING = np.dstack([np.where(PAPER[..., None], 0, COLOURED), np.where(PAPER, 0, 255)]).astype(np.uint8)
"""The drawing with transparent paper, behind which black is hidden."""


@dataclass(frozen=True)
class Kind:
    """A file, and how it looks.

    Attributes:
        content: of the file.
        upright_HWC: uint8 RGB as every program must see it.
        apart: grey levels that it may differ on the mean, where the format loses some.
        pages: in the file.
    """

    content: bytes
    upright_HWC: np.ndarray
    apart: float = 0.0
    pages: int = 1


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(pixels: np.ndarray, colour_type: int, depth: int, *chunks: bytes, interlaced: bool = False) -> bytes:
    """A PNG of given numbers (H, W) or (H, W, C), of 8 or 16 bits or packed ones."""
    height, width = pixels.shape[:2]

    def rows(part: np.ndarray) -> bytes:
        if depth == 16:
            return b"".join(b"\0" + row.astype(">u2").tobytes() for row in part)
        if depth == 8:
            return b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in part)
        bits = (part[..., None] >> np.arange(depth - 1, -1, -1)) & 1
        return b"".join(b"\0" + np.packbits(row).tobytes() for row in bits.astype(np.uint8))

    adam7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    data = b"".join(rows(pixels[y::dy, x::dx]) for x, y, dx, dy in adam7) if interlaced else rows(pixels)
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlaced)
    parts = [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b"")]
    return b"".join([b"\x89PNG\r\n\x1a\n", *parts])


def tiff(
    pixels: np.ndarray,
    photometric: int,
    *,
    order: str = "<",
    extra: int | None = None,
    orientation: int = 1,
    shorts: dict[int, list[int]] | None = None,
) -> bytes:
    """A TIFF of one uncompressed strip of given numbers, with an extra sample of the kind ``extra`` as the last.

    ``shorts`` are tags beside, of 16 bits a value.
    """
    height, width, samples = (*pixels.shape, 1)[:3]
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()  # type: ignore[arg-type]
    short, long, kind = 3, 4, {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    tags: dict[int, tuple[int, list[int]]] = {
        256: (long, [width]), 257: (long, [height]), 258: (short, [pixels.dtype.itemsize * 8] * samples),
        259: (short, [1]), 262: (short, [photometric]), 273: (long, [8]), 274: (short, [orientation]),
        277: (short, [samples]), 278: (long, [height]), 279: (long, [len(data)]), 339: (short, [kind] * samples),
    }  # fmt: skip
    tags |= {tag: (short, values) for tag, values in (shorts or {}).items()}
    if extra is not None:
        tags[338] = (short, [extra])
    place = 8 + len(data)
    far = place + 2 + 12 * len(tags) + 4
    entries, behind = b"", b""
    for tag, (size, values) in sorted(tags.items()):
        value = struct.pack(f"{order}{len(values)}{'H' if size == short else 'I'}", *values)
        if len(value) > 4:
            value, behind = struct.pack(f"{order}I", far + len(behind)), behind + value
        entries += struct.pack(f"{order}HHI", tag, size, len(values)) + value.ljust(4, b"\0")
    mark = b"II*\0" if order == "<" else b"MM\0*"
    count = struct.pack(f"{order}H", len(tags))
    return mark + struct.pack(f"{order}I", place) + data + count + entries + struct.pack(f"{order}I", 0) + behind


def deep(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.uint16) * 257


def raw_profile(orientation: int) -> bytes:
    """ImageMagick's text chunk."""
    block = exif(orientation).tobytes()
    lines = "\n".join(block.hex()[start : start + 72] for start in range(0, 2 * len(block), 72))
    text = f"\nexif\n{len(block):8}\n{lines}\n".encode()
    return chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text))


def jpeg2000_with_exif(orientation: int) -> bytes:
    box = b"uuidJpgTiffExif->JP2" + exif(orientation).tobytes().removeprefix(b"Exif\0\0")
    return encoded(Image.fromarray(COLOURED), "JPEG2000") + struct.pack(">I", len(box) + 4) + box


def plain() -> dict[str, Kind]:
    picture, grey = Image.fromarray(COLOURED), Image.fromarray(GREY).convert("L")
    level = GREY[..., 0]
    kinds = {
        name: Kind(encoded(picture, ending, **options), COLOURED)
        for name, ending, options in (
            ("png", "PNG", {}), ("bmp", "BMP", {}), ("tiff", "TIFF", {}), ("webp", "WEBP", {"lossless": True}),
            ("ppm", "PPM", {}), ("gif", "GIF", {}), ("jpeg2000", "JPEG2000", {}),
            ("deflated-tiff", "TIFF", {"compression": "tiff_adobe_deflate"}),
        )
    }  # fmt: skip
    jpegs = {
        "jpeg": {}, "progressive": {"progressive": True}, "rgb-jpeg": {"keep_rgb": True},
        "profiled-jpeg": {"icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()},
    }  # fmt: skip
    kinds |= {
        name: Kind(encoded(picture, "JPEG", quality=95, subsampling=0, **options), COLOURED, 2)
        for name, options in jpegs.items()
    }
    kinds["avif"] = Kind(encoded(picture, "AVIF", quality=95, subsampling="4:4:4"), COLOURED, 2)
    kinds["five-bits-bmp"] = Kind(bmp_565(), COLOURED, 3)
    kinds["palette-png"] = Kind(encoded(picture.quantize(8), "PNG"), COLOURED)
    kinds["palette-bmp"] = Kind(encoded(picture.quantize(8), "BMP"), COLOURED)
    kinds["interlaced-png"] = Kind(png(COLOURED, 2, 8, interlaced=True), COLOURED)
    gamma = chunk(b"gAMA", struct.pack(">I", 100_000))
    kinds["gamma-png"] = Kind(png(COLOURED, 2, 8, gamma), COLOURED)
    kinds["deep-gamma-png"] = Kind(png(deep(COLOURED), 2, 16, gamma), COLOURED)
    for ending in ("PNG", "TIFF", "JPEG2000", "BMP", "PPM"):
        kinds[f"grey-{ending}"] = Kind(encoded(grey, ending), GREY)
    kinds["grey-jpeg"] = Kind(encoded(grey, "JPEG", quality=95), GREY, 2)
    kinds["inks-jpeg"] = Kind(encoded(picture.convert("CMYK"), "JPEG", quality=95), COLOURED, 4)
    kinds["inks-tiff"] = Kind(encoded(picture.convert("CMYK"), "TIFF"), COLOURED)
    about = "P7\nWIDTH 64\nHEIGHT 96\n# a comment\nDEPTH {}\nMAXVAL 255\nTUPLTYPE {}\nENDHDR\n"
    kinds["pam"] = Kind(about.format(3, "RGB").encode() + COLOURED.tobytes(), COLOURED)
    kinds["grey-pam"] = Kind(about.format(1, "GRAYSCALE").encode() + GREY[..., 0].tobytes(), GREY)
    two = np.where(GREY > 128, 255, 0).astype(np.uint8)
    kinds["bits-png"] = Kind(encoded(Image.fromarray(two).convert("1"), "PNG"), two)
    kinds["fax-tiff"] = Kind(encoded(Image.fromarray(two).convert("1"), "TIFF", compression="group4"), two)
    kinds["bits-pbm"] = Kind(encoded(Image.fromarray(two).convert("1"), "PPM"), two)
    odd = RNG.integers(0, 65536, (HEIGHT, WIDTH)).astype(np.uint16)
    odd[0, :2] = 0, 65535
    rounded = np.repeat(np.rint(odd / 257).astype(np.uint8)[..., None], 3, axis=2)
    kinds["deep-grey-png"] = Kind(png(odd, 0, 16), rounded)
    kinds["deep-grey-pgm"] = Kind(b"P5 64 96 65535\n" + odd.astype(">u2").tobytes(), rounded, 1)
    kinds["deep-png"] = Kind(png(np.dstack([odd] * 3), 2, 16), rounded)
    twelve = np.rint((odd >> 4) / 4095 * 255).astype(np.uint8)
    kinds["twelve-bit-tiff"] = Kind(packed_in_12_bits(odd >> 4), np.dstack([twelve] * 3))
    said = {281: [4095]}
    kinds["twelve-of-16-bits-tiff"] = Kind(tiff(odd >> 4, 1, shorts=said), np.dstack([twelve] * 3))
    kinds["twelve-of-16-bits-rgb-tiff"] = Kind(
        tiff(np.dstack([odd >> 4] * 3), 2, shorts={281: [4095] * 3}), np.dstack([twelve] * 3)
    )
    kinds["peak-tiff"] = Kind(tiff(deep(level), 1, shorts={281: [60000]}), GREY)  # the brightest pixel: no depth
    kinds["deep-jpeg2000"] = Kind(deep_jpeg2000(deep(COLOURED)), COLOURED)
    kinds["deep-alpha-jpeg2000"] = Kind(deep_jpeg2000(deep(INK_ON_NOTHING)), COLOURED)
    kinds["twelve-bit-jpeg2000"] = Kind(deep_jpeg2000(np.dstack([odd >> 4] * 3), 12), np.dstack([twelve] * 3))
    kinds["palette-of-8-bits-tiff"] = palette_of_8_bits()
    for order in "<>":
        kinds[f"deep-grey-tiff{order}"] = Kind(tiff(odd, 1, order=order), rounded)
        kinds[f"deep-tiff{order}"] = Kind(tiff(np.dstack([odd] * 3), 2, order=order), rounded)
        kinds[f"deep-white-is-zero-tiff{order}"] = Kind(tiff(65535 - odd, 0, order=order), rounded)
        kinds[f"white-is-zero-tiff{order}"] = Kind(tiff(255 - level, 0, order=order), GREY)
    lab = cv2.cvtColor(COLOURED.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    numbers = np.rint(lab * [255 / 100, 1, 1]).astype(np.int16).astype(np.uint8)
    kinds["lab-tiff"] = Kind(tiff(numbers, 8), COLOURED, 3)
    return kinds


def deep_jpeg2000(pixels: np.ndarray, bits: int = 16) -> bytes:
    """A JPEG 2000 without loss, of RGB or RGBA of so many bits: fewer lie about the middle of 16, the zero of both."""
    middle = (pixels + (1 << 15) - (1 << bits - 1)).astype(np.uint16)[..., [2, 1, 0, 3][: pixels.shape[2]]]
    content = bytearray(cv2.imencode(".jp2", middle, [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000])[1].tobytes())
    content[content.index(b"ihdr") + 14] = bits - 1
    start = content.index(b"\xff\x4f\xff\x51") + 42
    for place in range(start, start + 3 * pixels.shape[2], 3):
        content[place] = bits - 1
    return bytes(content)


def palette_of_8_bits() -> Kind:
    """A TIFF whose palette has numbers of 8 bits where 16 are due, as some programs write it."""
    palette = Image.fromarray(COLOURED).quantize(8)
    colours = np.zeros((256, 3), int)
    own = np.reshape(palette.getpalette() or [], (-1, 3))
    colours[: len(own)] = own
    return Kind(tiff(np.asarray(palette), 3, shorts={320: colours.T.ravel().tolist()}), COLOURED)


def packed_in_12_bits(values: np.ndarray) -> bytes:
    """A little-endian TIFF whose grey numbers share bytes."""
    pairs = values.reshape(-1, 2).astype(np.uint32)
    packed = np.stack([pairs[:, 0] >> 4, (pairs[:, 0] & 15) << 4 | pairs[:, 1] >> 8, pairs[:, 1] & 255], axis=1)
    whole = tiff(packed.astype(np.uint8).reshape(HEIGHT, -1), 1)
    return whole.replace(struct.pack("<HHIHH", 258, 3, 1, 8, 0), struct.pack("<HHIHH", 258, 3, 1, 12, 0)).replace(
        struct.pack("<HHII", 256, 4, 1, WIDTH * 3 // 2), struct.pack("<HHII", 256, 4, 1, WIDTH)
    )


def bmp_565() -> bytes:
    """A BMP of 5 and 6 bits a channel, of rows from the bottom."""
    red, green, blue = (COLOURED[..., place].astype(np.uint16) >> drop for place, drop in ((0, 3), (1, 2), (2, 3)))
    data = (red << 11 | green << 5 | blue)[::-1].astype("<u2").tobytes()
    masks = struct.pack("<3I", 0xF800, 0x07E0, 0x001F)
    start = 14 + 40 + len(masks)
    about = struct.pack("<3I2H6I", 40, WIDTH, HEIGHT, 1, 16, 3, len(data), 0, 0, 0, 0)
    return b"BM" + struct.pack("<I4xI", start + len(data), start) + about + masks + data


def transparent() -> dict[str, Kind]:
    image = Image.fromarray(INK_ON_NOTHING)
    level, alpha = np.where(PAPER, 0, GREY[..., 0]).astype(np.uint8), INK_ON_NOTHING[..., 3]
    faint = np.where(PAPER, 128, 255).astype(np.uint8)
    veil = np.where(PAPER[..., None], np.uint8(127), COLOURED)  # black paper of half its strength, on white
    kinds = {
        f"alpha-{ending}": Kind(encoded(image, ending, **options), COLOURED)
        for ending, options in (("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True}), ("JPEG2000", {}), ("GIF", {}))
    }
    kinds["alpha-AVIF"] = Kind(encoded(image, "AVIF", quality=95, subsampling="4:4:4"), COLOURED, 2)
    kinds["veil-png"] = Kind(encoded(Image.fromarray(np.dstack([INK_ON_NOTHING[..., :3], faint])), "PNG"), veil)
    kinds["grey-alpha-png"] = Kind(encoded(Image.fromarray(np.dstack([level, alpha]), "LA"), "PNG"), GREY)
    kinds["grey-alpha-tiff"] = Kind(encoded(Image.fromarray(np.dstack([level, alpha]), "LA"), "TIFF"), GREY)
    kinds["deep-alpha-png"] = Kind(png(deep(INK_ON_NOTHING), 6, 16), COLOURED)
    kinds["deep-grey-alpha-png"] = Kind(png(deep(np.dstack([level, alpha])), 4, 16), GREY)
    kinds["deep-alpha-tiff"] = Kind(tiff(deep(INK_ON_NOTHING), 2, extra=2), COLOURED)
    kinds["associated-tiff"] = Kind(tiff(INK_ON_NOTHING, 2, extra=1), COLOURED)
    kinds["deep-associated-tiff"] = Kind(tiff(deep(INK_ON_NOTHING), 2, extra=1), COLOURED)
    kinds["grey-associated-tiff"] = Kind(tiff(np.dstack([level, alpha]), 1, extra=1), GREY)
    half = np.dstack([np.full((HEIGHT, WIDTH, 3), 60), np.full((HEIGHT, WIDTH), 128)]).astype(np.uint8)
    kinds["half-associated-tiff"] = Kind(tiff(half, 2, extra=1), np.full((HEIGHT, WIDTH, 3), 60 + 127, np.uint8), 1)
    kinds["deep-half-associated-tiff"] = Kind(
        tiff(deep(half), 2, extra=1), np.full((HEIGHT, WIDTH, 3), 60 + 127, np.uint8), 1
    )
    kinds["unrelated-sample-tiff"] = Kind(tiff(np.dstack([COLOURED, alpha * 0]), 2, extra=0), COLOURED)
    palette = Image.fromarray(COLOURED).quantize(8)
    index = palette.getpixel((WIDTH - 1, 0))
    hidden = palette.copy()
    hidden.putpalette([0 if place // 3 == index else value for place, value in enumerate(palette.getpalette() or [])])
    kinds["palette-index-png"] = Kind(encoded(hidden, "PNG", transparency=index), COLOURED)
    table = bytes(0 if place == index else 255 for place in range(8))
    kinds["palette-table-png"] = Kind(encoded(hidden, "PNG", transparency=table), COLOURED)
    kinds["palette-gif"] = Kind(encoded(hidden, "GIF", transparency=index), COLOURED)
    paper = 17  # dark, and not the ink's
    level = np.where(PAPER, paper, GREY[..., 0]).astype(np.uint8)
    dark = np.where(PAPER[..., None], np.uint8(paper), COLOURED)
    kinds["one-grey-png"] = Kind(png(level, 0, 8, chunk(b"tRNS", struct.pack(">H", paper))), GREY)
    kinds["one-colour-png"] = Kind(png(dark, 2, 8, chunk(b"tRNS", struct.pack(">3H", *[paper] * 3))), COLOURED)
    kinds["deep-one-grey-png"] = Kind(png(deep(level), 0, 16, chunk(b"tRNS", struct.pack(">H", paper * 257))), GREY)
    one = chunk(b"tRNS", struct.pack(">3H", *[paper * 257] * 3))
    kinds["deep-one-colour-png"] = Kind(png(deep(dark), 2, 16, one), COLOURED)
    for depth, hidden_level in ((1, 1), (2, 2), (4, 3)):
        seen = np.where(PAPER, hidden_level, 0)
        few = np.where(PAPER[..., None], np.uint8([255] * 3), np.uint8([0] * 3))
        one = chunk(b"tRNS", struct.pack(">H", hidden_level))
        kinds[f"one-grey-{depth}-bit-png"] = Kind(png(seen, 0, depth, one), few)
    return kinds


def turned_kinds() -> dict[str, Kind]:
    picture, kinds = Image.fromarray(COLOURED), {}
    for orientation in range(1, 9):
        upright_HWC = turned(COLOURED, orientation)
        said = chunk(b"eXIf", exif(orientation).tobytes().removeprefix(b"Exif\0\0"))
        contents = {
            "jpeg": (encoded(picture, "JPEG", quality=95, subsampling=0, exif=exif(orientation)), 2.0),
            "png": (encoded(picture, "PNG", exif=exif(orientation)), 0),
            "webp": (encoded(picture, "WEBP", lossless=True, exif=exif(orientation)), 0),
            "tiff": (encoded(picture, "TIFF", exif=exif(orientation)), 0),
            "jpeg-tiff": (encoded(picture, "TIFF", compression="jpeg", quality=95, exif=exif(orientation)), 4),
            "avif": (encoded(picture, "AVIF", quality=95, subsampling="4:4:4", exif=exif(orientation)), 2),
            "jpeg2000": (jpeg2000_with_exif(orientation), 0),
            "text-png": (png(COLOURED, 2, 8, raw_profile(orientation)), 0),
            "alpha-png": (encoded(Image.fromarray(INK_ON_NOTHING), "PNG", exif=exif(orientation)), 0),
            "alpha-webp": (encoded(Image.fromarray(INK_ON_NOTHING), "WEBP", lossless=True, exif=exif(orientation)), 0),
            "alpha-tiff": (tiff(INK_ON_NOTHING, 2, extra=2, orientation=orientation), 0),
            "deep-tiff": (tiff(deep(COLOURED), 2, orientation=orientation), 0),
            "deep-png": (png(deep(COLOURED), 2, 16, said), 0),
            "inks-jpeg": (encoded(picture.convert("CMYK"), "JPEG", quality=95, exif=exif(orientation)), 4),
        }
        kinds |= {f"{name}-{orientation}": Kind(c, upright_HWC, apart) for name, (c, apart) in contents.items()}
    # XMP is no EXIF: no viewer turns by it.
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    kinds["xmp-jpeg"] = Kind(encoded(picture, "JPEG", quality=95, subsampling=0, xmp=xmp), COLOURED, 2)
    kinds["xmp-webp"] = Kind(encoded(picture, "WEBP", lossless=True, xmp=xmp), COLOURED)
    kinds["xmp-tiff"] = Kind(encoded(picture, "TIFF", tiffinfo={700: xmp}), COLOURED)
    return kinds


def of_several_pages() -> dict[str, Kind]:
    picture, other = Image.fromarray(COLOURED), Image.fromarray(255 - COLOURED)
    options: dict[str, dict[str, object]] = {
        "TIFF": {}, "GIF": {}, "PNG": {}, "WEBP": {"lossless": True}, "AVIF": {"quality": 95, "subsampling": "4:4:4"},
        "MPO": {"quality": 95, "subsampling": 0},
    }  # fmt: skip
    kinds = {
        f"pages-{ending}": Kind(
            encoded(picture, ending, save_all=True, append_images=[other, picture.rotate(180)], **option),
            COLOURED,
            2 if ending in {"AVIF", "MPO"} else 0,
            3,
        )
        for ending, option in options.items()
    }
    moving = [Image.fromarray(INK_ON_NOTHING), Image.fromarray(INK_ON_NOTHING[::-1])]
    kinds["pages-alpha-png"] = Kind(encoded(moving[0], "PNG", save_all=True, append_images=moving[1:]), COLOURED, 0, 2)
    part = bytearray(encoded(Image.fromarray(COLOURED[:48]), "GIF"))
    part[6:10] = struct.pack("<HH", WIDTH, HEIGHT)  # the canvas is twice as high as the picture on it
    kinds["part-of-canvas-gif"] = Kind(
        bytes(part), np.concatenate([COLOURED[:48], np.full((48, WIDTH, 3), 255, np.uint8)])
    )
    thumbnail = io.BytesIO()
    picture.save(thumbnail, "TIFF", save_all=True, append_images=[with_subfile_type(picture.resize((16, 24)))])
    kinds["thumbnail-tiff"] = Kind(thumbnail.getvalue(), COLOURED)
    return kinds


def with_subfile_type(image: Image.Image) -> Image.Image:
    """A picture that its TIFF will call a smaller copy of another."""
    image.encoderinfo = {"tiffinfo": {254: 1}}
    return image


KINDS = plain() | transparent() | turned_kinds() | of_several_pages()

REFUSED = {
    "float-tiff": (tiff(GREY[..., 0].astype(np.float32), 1), "white is undefined"),
    "signed-tiff": (tiff(GREY[..., 0].astype(np.int16), 1), "white is undefined"),
    "32-bit-tiff": (tiff(GREY[..., 0].astype(np.uint32), 1), "white is undefined"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF, which is read by"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is a HEIF image"),
    "svg": (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing"),
    "jxl": (b"\xff\x0a\xfa\x1f", "is a JPEG XL image"),
    "nef": (tiff(COLOURED, 2, shorts={254: [1]}), "its first picture is a smaller copy of another, as in camera raw"),
    "cr2": (b"II*\0\x10\0\0\0CR\x02\0" + RNG.bytes(99), "is a camera raw file"),
    "orf": (b"IIRO\x08\0\0\0" + RNG.bytes(99), "is a camera raw file"),
    "alpha-pam": (b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nENDHDR\nabcd", "a PAM of DEPTH 4 is not read"),
    "xv-thumbnail": (b"P7 332\n#END_OF_COMMENTS\n1 1 255\na", "is not an image or is damaged"),
    "noise": (RNG.bytes(300), "is not an image or is damaged"),
    "empty": (b"", "the file is empty"),
    "cut-jpeg": (KINDS["jpeg"].content[: len(KINDS["jpeg"].content) * 2 // 3], "is not an image or is damaged"),
    "cut-png": (KINDS["png"].content[:80], "is not an image or is damaged"),
    "bomb-png": (png_of_size(30_000, 30_000), "the image has 30000 x 30000 pixels, more than"),
}
"""Files that no program reads, each with a part of the reason that all of them give."""
