"""The page Errors."""

from __future__ import annotations

import streamlit as st

from ocr.console.settings import ConsoleSettings


def errors_page(settings: ConsoleSettings) -> None:
    """Show the page."""
    st.title("Errors")
    st.caption(settings.runs)
