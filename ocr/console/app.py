"""The script that Streamlit runs for every view of a page."""

from __future__ import annotations

import sys
from functools import partial

import streamlit as st

from ocr.console.data_page import data_page
from ocr.console.errors_page import errors_page
from ocr.console.read_page import READ, read_page
from ocr.console.runs_page import runs_page
from ocr.console.settings import ConsoleSettings
from ocr.console.train_page import train_page

PAGES = {"Train": train_page, "Runs": runs_page, "Errors": errors_page, "Read": read_page, "Data": data_page}
"""Title and function of each page; the first is at the address itself, the others at their title in small letters."""


def main() -> None:
    """Show the page that the address names."""
    settings = ConsoleSettings.from_argument(sys.argv[1])
    st.set_page_config(page_title="receipt-ocr", layout="wide")
    pages = [
        st.Page(partial(show, settings), title=title, url_path=title.lower(), default=title == "Train")
        for title, show in PAGES.items()
    ]
    page = st.navigation(pages, position="top")
    if page.title != "Read":
        st.session_state.pop(READ, None)  # nothing that was dropped there outlives the page
    page.run()


if __name__ == "__main__":
    main()
