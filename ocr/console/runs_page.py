"""The page Runs."""

from __future__ import annotations

import streamlit as st

from ocr.console.settings import ConsoleSettings


def runs_page(settings: ConsoleSettings) -> None:
    """Show the page."""
    st.title("Runs")
    st.caption(settings.runs)
