"""Recognise files by their content: images, other documents that may have been intended, and side files."""

from __future__ import annotations

import re
from pathlib import PurePath

ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm", ".pam"),
    "JPEG2000": (".jp2", ".j2k", ".jpx", ".jpf"),
    "AVIF": (".avif",),
}
"""Pillow's names of the accepted image formats, with their extensions; the first is the usual one.

Pillow's other formats are not for photographs, or run programs."""
IMAGE_ENDINGS = frozenset(ending for endings in ENDINGS.values() for ending in endings)

READERS = "which is read by runners/read.py, receipt-ocr read, POST /read and Reader alone"
PDF, HEIF = f"is a PDF, {READERS}", f"is a HEIF image (HEIC), {READERS}"
DOCUMENT_ENDINGS = frozenset({".pdf", ".heic", ".heif", ".hif"})
"""Extensions of the files that `ocr.images.documents` alone reads."""
CAMERA_RAW = "is a camera raw file, which is not read"
ARCHIVE = "is a ZIP archive or an office document, which is not read"
START = 1024
"""Bytes at the start of a file by which it is recognised."""

IMAGE_STARTS = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0|II[*+]\0|MM\0[*+]"
    rb"|GIF8[79]a|P[1-7][ \t\r\n#]|\0\0\0\x0cjP  |\xff\x4f\xff\x51|.{4}ftyp(?:avif|avis)",
    re.DOTALL,
)
OTHER_STARTS = {
    PDF: rb".{0,1000}%PDF-",
    HEIF: rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)",
    "is a JPEG XL image, which is not read": rb"\xff\x0a|\0\0\0\x0cJXL ",
    "is an SVG drawing, which is not read": rb"(?:\xef\xbb\xbf)?\s*<(?:svg|(?:\?xml|!--|!DOCTYPE\s+svg).{0,900}?<svg)",
    "is a PostScript document, which is not read": rb"%!PS|\xc5\xd0\xd3\xc6",
    "is a Photoshop document, which is not read": rb"8BPS",
    "is a DjVu document, which is not read": rb"AT&TFORM",
    CAMERA_RAW: rb"II\*\0....CR[\x02\x03]|IIR[OS]\x08\0|IIU\0[\x18\x08]\0\0\0|FUJIFILMCCD-RAW|.{4}ftypcrx ",
    ARCHIVE: rb"PK\x03\x04",
}
"""Start of files that may have been intended as images."""
# fmt: off
OTHER_ENDINGS = frozenset({
    ".pdf", ".heic", ".heif", ".hif", ".jxl", ".svg", ".svgz", ".eps", ".ps", ".ai", ".psd", ".djvu", ".djv", ".xps",
    ".oxps", ".dng", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".ico", ".tga", ".pcx", ".sgi",
    ".qoi", ".dds", ".exr", ".hdr", ".jxr", ".wdp", ".emf", ".wmf", ".doc", ".docx", ".zip",
})
"""Extensions of files that may have been intended as images but are not read."""
SIDE_ENDINGS = frozenset({
    ".json", ".jsonl", ".ndjson", ".txt", ".csv", ".tsv", ".xml", ".html", ".htm", ".md", ".rst", ".yaml", ".yml",
    ".toml", ".ini", ".cfg", ".conf", ".log", ".lst", ".list", ".dvc", ".py", ".pyc", ".ipynb", ".sh", ".bat", ".js",
    ".css", ".tex", ".bib", ".srt", ".mat", ".npy", ".npz", ".pkl", ".pickle", ".h5", ".hdf5", ".parquet", ".arrow",
    ".feather", ".lmdb", ".mdb", ".db", ".sqlite", ".pt", ".pth", ".ckpt", ".onnx", ".safetensors", ".md5", ".sha1",
    ".sha256", ".sha512", ".sig", ".asc", ".lock", ".pid", ".swp", ".url", ".lnk", ".webloc",
})
# fmt: on
SIDE_NAMES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"})
APPLE_DOUBLE_NAME = "._"
APPLE_DOUBLE = b"\x00\x05\x16\x07"
"""Start of the ``._a.jpg`` that macOS writes beside each file, for metadata that a disk or archive cannot hold."""
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def says_enough(name: str) -> bool:
    """Whether a file is treated as an image by its name alone; its reader reports it if it is not."""
    return PurePath(name).suffix.lower() in IMAGE_ENDINGS and not name.startswith(APPLE_DOUBLE_NAME)


def is_image(start: bytes) -> bool:
    """Whether a file begins like an image of `ENDINGS`."""
    return IMAGE_STARTS.match(start) is not None


def other_kind(start: bytes) -> str | None:
    """The kind of a file that may have been intended as an image, as a clause; ``None`` if unknown."""
    return next((kind for kind, pattern in OTHER_STARTS.items() if re.match(pattern, start[:START], re.DOTALL)), None)


def no_image(start: bytes, reason: str) -> str:
    """Message and remedy for a file that is not an accepted image.

    Args:
        start: its first bytes.
        reason: its reader's reason.
    """
    kind = other_kind(start) or f"is not an image or is damaged ({reason})"
    return f"{kind}; convert it to JPEG or PNG or remove it"


def is_side_file(name: str, start: bytes | None) -> bool:
    """Whether a file among images is not intended as one: an annotation, a note, a file of the operating system.

    Content takes precedence over the name: an image with another extension is still an image. Unreadable files with an
    image's extension, and files that may have been intended as images (a PDF, unknown bytes), are not side files: their
    reader reports them.

    Args:
        name: the file's name.
        start: its first `START` bytes, or all that it has; ``None`` if unknown.
    """
    ending, hidden = PurePath(name).suffix.lower(), name.startswith(".")
    if start is None:
        return ending not in IMAGE_ENDINGS and (hidden or ending in SIDE_ENDINGS)
    if start.startswith(APPLE_DOUBLE):
        return True
    if ending in IMAGE_ENDINGS or is_image(start):
        return False
    kind = other_kind(start)
    if name.lower() in SIDE_NAMES or ending in SIDE_ENDINGS:
        return kind in {None, ARCHIVE}  # npz and ckpt are archives too
    return ending not in OTHER_ENDINGS and kind is None and (hidden or is_text(start))


def is_text(start: bytes) -> bool:
    """Whether a file begins like text in any encoding; ``False`` for an empty file."""
    return bool(start) and (start.startswith(UTF_16_MARKS) or NO_TEXT.search(start) is None)
