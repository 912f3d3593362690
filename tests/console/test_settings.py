"""Where the console listens, and what it refuses before it serves."""

import socket
from typing import cast

import pytest

from ocr.console.serve import streamlit_options, usable_port
from ocr.console.settings import ConsoleSettings
from ocr.types import InputError


def test_others_do_not_reach_it_unasked() -> None:
    with pytest.raises(InputError, match="without_key=true"):
        ConsoleSettings(host="0.0.0.0").check()
    ConsoleSettings(host="0.0.0.0", without_key=True).check()
    ConsoleSettings(host="::1").check()
    with pytest.raises(InputError, match="without_key=no: must be true or false"):
        ConsoleSettings(host="0.0.0.0", without_key=cast(bool, "no")).check()
    with pytest.raises(InputError, match="port=70000"):
        ConsoleSettings(port=70_000).check()


def test_it_tells_nobody_and_answers_no_other_name() -> None:
    options = streamlit_options(ConsoleSettings(), 8501)
    assert options["browser.gatherUsageStats"] is False
    assert "127.0.0.1" in options["server.allowedHosts"]
    assert "server.allowedHosts" not in streamlit_options(ConsoleSettings(host="0.0.0.0", without_key=True), 8501)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port={port}: cannot be listened on"):
            usable_port("127.0.0.1", port)
    assert usable_port("127.0.0.1", 0) > 0


def test_settings_reach_the_pages_as_they_are() -> None:
    settings = ConsoleSettings(runs="a b/é", data="'\"")
    assert ConsoleSettings.from_argument(settings.as_argument()) == settings
