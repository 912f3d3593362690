"""The pictures of an error report: of a folder that anybody may have filled."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from encoded_images import encoded
from hostile_folder import png_of_size
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S

MEMORY = 2_000_000_000
"""Bytes of address space, of which a little program with OpenCV takes half."""


def test_nothing_but_pictures_of_the_folder_is_opened_and_no_more_memory_taken_than_allowed(tmp_path: Path) -> None:
    root = tmp_path / "data"
    images = root / "images" / "val"
    images.mkdir(parents=True)
    (root / "jsons").mkdir()
    os.mkfifo(images / "pipe.jpg")
    (images / "zero.jpg").symlink_to("/dev/zero")
    outside = tmp_path / "outside.png"
    Image.new("RGB", (50, 40), "red").save(outside)
    (images / "link.png").symlink_to(outside)
    (images / "bomb.png").write_bytes(png_of_size(30_000, 30_000))
    (images / "two bits.png").write_bytes(encoded(Image.new("1", (28_000, 28_000)), "PNG"))
    (images / "pages.pdf").write_bytes(b"%PDF-1.7")
    (images / "damaged.jpg").write_bytes(b"\xff\xd8\xff")
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    large = Image.fromarray(noise).resize((8000, 6000))
    (images / "large.jpg").write_bytes(encoded(large, "JPEG", quality=50))
    names = sorted(path.name for path in images.iterdir())
    entries = {name: {"words": {"1": {"points": [[1, 1], [9, 1], [9, 9], [1, 9]]}}} for name in names}
    (root / "jsons" / "val.json").write_text(json.dumps({"images": entries}))
    command = [
        sys.executable, str(REPOSITORY_ROOT / "runners" / "evaluate.py"), "ground_truth=data/jsons/val.json",
        "predictions=data/jsons/val.json", "report=errors.html", "data.max_pixels=100000000",
    ]  # fmt: skip
    process = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY)),
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    page = (tmp_path / "errors.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == 1
    assert 'viewBox="0 0 8000 6000"' in page
    reasons = {
        "pipe.jpg": "it is a pipe, not a file", "zero.jpg": "a link leads out of", "link.png": "a link leads out of",
        "bomb.png": "30000 x 30000 pixels, more than data.max_pixels=100000000",
        "two bits.png": "28000 x 28000 pixels", "pages.pdf": "is a PDF, which is read by",
        "damaged.jpg": "is not an image or is damaged",
    }  # fmt: skip
    for name, reason in reasons.items():
        part = page[page.index(f"<bdi>{name}</bdi></h3>") :]
        assert reason in part[: part.index("</section>")], name
