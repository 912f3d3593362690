"""What reading a page of a file gives, and the files that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr.formats.page_facts import table_path, write_items, write_receipts
from ocr.formats.page_writing import write_pages, write_table
from ocr.page import Page
from ocr.pipeline.orientation import in_file
from ocr.report.found import Found


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
    if csv:
        write_table(pages, path.with_suffix(".csv"))
        if any(page.facts for page in pages.values()):
            write_receipts(pages, table_path(path, "receipts"))
            write_items(pages, table_path(path, "items"))
    return write_pages(pages, path, words=words, unread=unread, **about)


def pages_of(results: Mapping[str, FoundPage]) -> dict[str, Page]:
    """The pages with their positions in the pixels of their files' images, by name."""
    return {name: in_file(found.page) for name, found in results.items()}
