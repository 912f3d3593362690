"""The page Train."""

from __future__ import annotations

import streamlit as st

from ocr.console.settings import ConsoleSettings


def train_page(settings: ConsoleSettings) -> None:
    """Show the page."""
    st.title("Train")
    st.caption(settings.runs)
