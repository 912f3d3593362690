"""The page Data."""

from __future__ import annotations

import streamlit as st

from ocr.console.settings import ConsoleSettings


def data_page(settings: ConsoleSettings) -> None:
    """Show the page."""
    st.title("Data")
    st.caption(settings.runs)
