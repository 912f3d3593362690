"""Debian's Chromium, without a window."""

import shutil
import subprocess
from pathlib import Path

from patience import PATIENCE_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def dumped(page: Path) -> subprocess.CompletedProcess[str]:
    """Run a page that may look into others beside it: the document that its scripts leave, and what it logs."""
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--allow-file-access-from-files",
        "--disable-web-security",
    ]
    places = [f"--user-data-dir={page.parent / 'profile'}", "--virtual-time-budget=5000", "--enable-logging=stderr"]
    command = [str(CHROMIUM), *options, *places, "--dump-dom", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
