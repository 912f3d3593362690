"""The page Read: a photo, a document, what cannot be read; downloads are what the runner writes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from console_pages import cells, fits_every_window, rerun
from ocr.pipeline.read_settings import FORMATS
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S

WEIGHTS = REPOSITORY_ROOT / "weights"


def runner(name: str, *settings: str, cwd: Path) -> None:
    command = [sys.executable, str(REPOSITORY_ROOT / "runners" / f"{name}.py"), *settings]
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ}, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented receipt as a photo, two as a PDF, and a file that is neither."""
    folder = tmp_path_factory.mktemp("drawn")
    runner("synthesize", "output=receipts", "seed=5", "train=0", "val=0", "test=2", "workers=1", cwd=folder)
    first, second = sorted((folder / "receipts" / "images" / "test").iterdir())
    (folder / "photo.jpg").write_bytes(first.read_bytes())
    Image.open(first).save(folder / "scan.pdf", save_all=True, append_images=[Image.open(second)])
    (folder / "broken.jpg").write_bytes(first.read_bytes()[:200])
    return folder


def drop(page: Any, path: Path) -> None:
    """Give the page a file, and wait until it is read or refused."""
    page.locator('input[type="file"]').set_input_files(path)
    page.locator('iframe, [data-testid="stAlert"]').first.wait_for()
    rerun(page)


def downloaded(page: Any, folder: Path) -> dict[str, bytes]:
    """The files of all buttons, by their names."""
    page.get_by_role("tab", name="Downloads").click()
    found = {}
    for button in page.get_by_test_id("stDownloadButton").get_by_role("button").all():
        with page.expect_download() as download:
            button.click()
        name = download.value.suggested_filename
        download.value.save_as(folder / name)
        found[name] = (folder / name).read_bytes()
    return found


@pytest.mark.parametrize("name", ["photo.jpg", "scan.pdf"])
def test_a_file_is_read_and_each_format_is_what_the_runner_writes(
    start_console: Callable[..., Any], look: Callable[..., Any], drawn: Path, tmp_path: Path, name: str
) -> None:
    networks = (f"detector={WEIGHTS / 'receipts.onnx'}", f"recogniser={WEIGHTS / 'lines.onnx'}")
    formats = f"formats=[{','.join(FORMATS)}]"
    runner("read", *networks, f"input={drawn / name}", "output=read", formats, cwd=tmp_path)
    written = {path.name: path.read_bytes() for path in (tmp_path / "read").rglob("*") if path.is_file()}
    console = start_console()
    page = look(console, "read")
    drop(page, drawn / name)
    (text,) = (content.decode() for file, content in written.items() if file.endswith(".txt"))
    pages = text.split("\f")
    page.get_by_role("tab", name="Text").click()
    assert page.get_by_test_id("stCode").inner_text().rstrip() == pages[0].rstrip()
    outlines = page.frame_locator("iframe").locator("polygon")
    assert outlines.count() > 20
    if len(pages) > 1:
        page.get_by_role("radio", name="2").click()
        page.get_by_test_id("stCode").get_by_text(pages[1].split("\n")[0].strip()).first.wait_for()
        assert page.get_by_test_id("stCode").inner_text().rstrip() == pages[1].rstrip()
    assert downloaded(page, tmp_path) == written
    kept = [path for path in tmp_path.rglob("*") if path.suffix in {".jpg", ".png"} or "upload" in path.name.lower()]
    assert kept == [], "nothing that was uploaded is on the disk"


def test_fields_are_beside_the_picture_and_a_file_that_cannot_be_read_says_why(
    start_console: Callable[..., Any], look: Callable[..., Any], drawn: Path
) -> None:
    page = look(start_console(), "read")
    drop(page, drawn / "photo.jpg")
    assert {"company", "total"} <= set(cells(page.get_by_test_id("stTable")))
    fits_every_window(page)
    legend = page.frame_locator("iframe").locator("label").all_inner_texts()
    assert any(each.strip().startswith("total") for each in legend)
    page.get_by_role("tab", name="Lines").click()
    confidence = page.get_by_test_id("stMetric").filter(has_text="mean confidence").inner_text()
    assert 0 < float(confidence.split()[-1]) <= 1
    drop(page, drawn / "broken.jpg")
    page.get_by_test_id("stAlert").wait_for()
    said = page.get_by_test_id("stAlert").inner_text()
    assert said.startswith("broken.jpg")
    assert "damaged" in said
    assert page.locator("iframe").count() == 0
