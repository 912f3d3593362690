"""The page Read."""

from __future__ import annotations

import streamlit as st

from ocr.console.settings import ConsoleSettings


def read_page(settings: ConsoleSettings) -> None:
    """Show the page."""
    st.title("Read")
    st.caption(settings.runs)
