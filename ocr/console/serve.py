"""Serve the pages until a signal stops the console."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from streamlit.web import bootstrap

from ocr.console.settings import ConsoleSettings
from ocr.types import InputError
from ocr.utils.addresses import is_loopback
from ocr.utils.printable import say

SCRIPT = Path(__file__).with_name("app.py")
LIGHT = {"primaryColor": "#0b6e99", "linkColor": "#0b6e99"}
DARK = {"primaryColor": "#4fb3d9", "linkColor": "#4fb3d9"}
"""Colours of buttons and links that stand out from both backgrounds."""


def serve(settings: ConsoleSettings) -> None:
    """Answer browsers; call it in the main thread. Streamlit ends at SIGINT and SIGTERM.

    Raises:
        InputError: a setting is invalid, or the address cannot be used.
    """
    settings.check()
    port = usable_port(settings.host, settings.port)
    address = f"http://[{settings.host}]:{port}" if ":" in settings.host else f"http://{settings.host}:{port}"
    options = streamlit_options(settings, port)
    bootstrap.load_config_options(options)
    say(f"listening on {address}; trainings go on when the console ends")
    bootstrap.run(str(SCRIPT), False, [settings.as_argument()], options)


def streamlit_options(settings: ConsoleSettings, port: int) -> dict[str, Any]:
    """Streamlit's settings: nothing leaves the machine, and no file of the user's changes that."""
    options: dict[str, Any] = {
        "server.address": settings.host,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": 200,
        "server.enableCORS": True,  # without it, any page that is open in the browser could start trainings
        "server.corsAllowedOrigins": [],
        "server.enableXsrfProtection": True,
        "browser.gatherUsageStats": False,
        "runner.magicEnabled": False,
        "client.toolbarMode": "viewer",
        "client.showErrorLinks": False,
        "logger.hideWelcomeMessage": True,
    }
    if is_loopback(settings.host):  # a foreign page whose name is made to point here gets no answer
        options["server.allowedHosts"] = ["localhost", "127.0.0.1", "::1", settings.host]
    for theme, colours in (("light", LIGHT), ("dark", DARK)):
        options |= {f"theme.{theme}.{name}": colour for name, colour in colours.items()}
    return options


def usable_port(host: str, port: int) -> int:
    """A port that can be listened on: the one given, or for 0 any free one.

    Raises:
        InputError: the address cannot be used.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family) as listener:
            return int(listener.getsockname()[1])
    except OSError as error:
        raise InputError(
            f"host={host} port={port}: cannot be listened on ({error.strerror}); choose another address or port"
        ) from error
