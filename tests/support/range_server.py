"""A web server on this machine that sends files of a folder, whole or the part that was asked for."""

import io
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class RangeHandler(SimpleHTTPRequestHandler):
    """Adds ``Range: bytes=a-b``, which the standard library leaves out."""

    def __init__(self, *args: Any, listing: bool, **settings: Any) -> None:
        self.listing = listing
        super().__init__(*args, **settings)  # answers the request

    def do_GET(self) -> None:
        """Send a file, a part of it, or a folder's page."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            super().do_GET()
            return
        content = path.read_bytes()
        first, last = int(asked[1]), min(int(asked[2]), len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(content[first : last + 1])

    def list_directory(self, path: str | os.PathLike[str]) -> io.BytesIO | None:
        """A folder's page, or a refusal."""
        if self.listing:
            return super().list_directory(path)
        self.send_error(HTTPStatus.FORBIDDEN)
        return None

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path, *, listing: bool = True) -> Iterator[str]:
    """The address of a folder while the block runs; ``listing``: its pages say what lies in a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(RangeHandler, directory=str(folder), listing=listing))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
