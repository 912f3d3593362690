"""What reading a page of a file gives, and the files that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr.formats.common.writing import write_whole
from ocr.formats.page_facts import items_csv, receipts_csv, table_path
from ocr.formats.page_writing import table_csv, write_pages
from ocr.page import Page
from ocr.pipeline.orientation import in_file
from ocr.report.found import Found
from ocr.utils.spool import Mapped


@dataclass(frozen=True, slots=True)
class FoundPage(Found):
    """What was read in an image; ``detections`` have the lines' confidences as scores."""

    page: Page = field(kw_only=True)


def write_read(
    results: Mapping[str, FoundPage], path: Path, *, csv: bool, words: bool, unread: Mapping[str, int], **about: Any
) -> list[str]:
    """Write what was read, as `ocr.pipeline.loop.Write`.

    Args:
        results: by image name.
        path: the JSON file.
        csv: also write the CSV files, those of facts if they were looked for.
        words: an entry for each word instead of each line.
        unread: number of pages of an image that were not read.
        about: further keys of the JSON file.
    """
    pages = pages_of(results)
    for file, content in tables(pages, path).items() if csv else ():
        write_whole(content, file)
    return write_pages(pages, path, words=words, unread=unread, **about)


def tables(pages: Mapping[str, Page], path: Path) -> dict[Path, bytes]:
    """The CSV files beside a JSON file, those of facts if they were looked for, and their bytes.

    Args:
        pages: by image name, as they lie in their files.
        path: the JSON file.
    """
    found = {path.with_suffix(".csv"): table_csv(pages)}
    if any(page.facts for page in pages.values()):
        found |= {table_path(path, "receipts"): receipts_csv(pages), table_path(path, "items"): items_csv(pages)}
    return found


def pages_of(results: Mapping[str, FoundPage]) -> Mapping[str, Page]:
    """The pages with their positions in the pixels of their files' images, by name, each when it is asked for."""
    return Mapped(results, lambda found: in_file(found.page))
