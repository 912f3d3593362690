"""A web server on this machine that does what it is not asked for."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = b"x" * 65536


class Handler(BaseHTTPRequestHandler):
    """Answers by the last part of the address's name."""

    def do_GET(self) -> None:
        """Send something else than what was asked for."""
        how = self.path.rsplit("/", 1)[-1].partition(".")[0] or self.path.rstrip("/").rsplit("/", 1)[-1]
        if how.startswith("to-"):
            self.send_response(302)
            self.send_header("Location", {"to-file": "file:///etc/hostname", "to-ftp": "ftp://127.0.0.1/a"}[how])
            self.end_headers()
            return
        self.send_response(206 if "Range" in self.headers and how == "part" else 200)
        headers = {
            "told": {"Content-Length": str(1 << 40)},
            "short": {"Content-Length": "5"},
            "packed": {"Content-Encoding": "gzip"},
        }
        for name, value in headers.get(how, {}).items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self._send(how)

    def _send(self, how: str) -> None:
        if how == "packed":
            self.wfile.write(gzip.compress(bytes(1 << 24)))
        elif how == "short":
            self.wfile.write(PIECE)
        elif how == "slow":
            while True:
                self.wfile.write(b"x")
                time.sleep(0.05)
        elif how == "silent":
            time.sleep(30)
        else:
            while True:
                self.wfile.write(PIECE)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def hostile_server() -> Iterator[str]:
    """Its address while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
