"""What several pages show."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from ocr.pipeline.jobs import cancel_job, is_running, share_done, was_cancelled
from ocr.types import InputError

MARKED = re.compile(r"([\\`*_{}\[\]()<>#+\-.!~|$:])")
"""Characters that Streamlit's Markdown may take for more than themselves."""
LINKED = re.compile(r"www(?=\.)|:(?=//)")
"""What makes a link of a text, escaped or not, unless something invisible (U+2060) is behind it."""


def plain(text: str) -> str:
    """A text from a file, for what Streamlit reads as Markdown: it stays text, without links, and loads no picture."""
    text = LINKED.sub("\\g<0>\u2060", text)
    return MARKED.sub(r"\\\1", text).replace("\n", "  \n")


def problem(error: Exception | str) -> None:
    """Show why something cannot be done."""
    st.error(plain(str(error)))


def wrapped(rows: Sequence[Mapping[str, str | None]]) -> None:
    """Show a small table of texts from files, of which long ones take several lines: an address is read whole.

    Args:
        rows: each with the same columns, of which there is at least one row.
    """
    st.table(pd.DataFrame([{name: plain(text or "") for name, text in row.items()} for row in rows]), hide_index=True)


def framed(page: str, height: int, about: str) -> None:
    """Show a self-contained HTML page of `ocr.report` in a frame: its policy lets it load nothing.

    Args:
        page: the page.
        height: of the frame in CSS pixels.
        about: what it shows, for screen readers.
    """
    st.iframe(page, height=height, alt=about)


def foreign(page: str, height: int, about: str) -> None:
    """Show an HTML page that was read from a file: whoever wrote it, its script cannot reach the console.

    Args:
        page: the page.
        height: of the frame in CSS pixels.
        about: what it shows, for screen readers.
    """
    inner = f'<iframe sandbox="allow-scripts" title="{escape(about)}" srcdoc="{escape(page)}"></iframe>'
    framed(
        f"<style>html, body, iframe {{ width: 100%; height: 100%; margin: 0; border: 0 }}</style>{inner}", height, about
    )


Stamp = tuple[str, int, int]


def stamp(path: str) -> Stamp:
    """What changes when a file does: its path, time and size; (path, 0, 0) if there is none."""
    try:
        status = Path(path).stat()
    except OSError:
        return path, 0, 0
    return (path, status.st_mtime_ns, status.st_size) if stat.S_ISREG(status.st_mode) else (path, 0, 0)


def remembered(name: str, label: str, default: str, help: str | None = None) -> str:
    """A text field whose content stands in the page's address, so that it is there after a reload."""
    value = st.text_input(label, st.query_params.get(name, default), help=help, key=f"field {name}").strip()
    if value != default:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
    return value


@st.fragment(run_every=1.0)
def working(log: Path, what: str) -> None:
    """Show how far a job is, and a button that cancels it, until it ends; then the page is shown anew.

    Args:
        log: what it prints.
        what: what it does.
    """
    if not is_running(log):
        st.rerun()
    share = share_done(log)
    ending = was_cancelled(log)
    st.progress(share, f"{what}: {'being cancelled' if ending else f'{share:.0%}' if share else 'starting'}")
    act("Cancel", lambda: cancel_job(log), key=f"cancel {log}", disabled=ending)


def act(label: str, deed: Callable[[], object], **button: Any) -> bool:
    """A button for something that may be refused.

    Args:
        label: of the button.
        deed: what it does.
        button: further arguments of the button.

    Returns:
        It was pressed, and the deed done.
    """
    if not st.button(label, **button):
        return False
    try:
        deed()
    except InputError as error:
        problem(error)
        return False
    return True
