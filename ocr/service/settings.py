"""The settings of the service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ocr.types import InputError
from ocr.utils.addresses import is_loopback
from ocr.utils.limits import check_settings, worker_count

SHORTEST_KEY = 16
LONGEST_S = 86_400


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Where the service listens, how much it takes on, and from whom.

    Attributes:
        host: address to listen on.
        port: 0 to 65535; 0: any free one.
        workers: processes that read; ``auto``: one per core that this process may use.
        queue: requests that may wait for a worker, those being uploaded included; further ones get 429.
        max_bytes: limit of a request's body.
        max_pixels: limit of a page, above which it is not decoded.
        upload_s: seconds in which a body has to arrive.
        timeout_s: seconds that a request may wait for a worker, and that a worker may take for it.
        key_file: file whose text every request has to bring (``Authorization: Bearer <key>``); ``None``: no key.
        without_key: listen to other machines without a key.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int | str = "auto"
    queue: int = 32
    max_bytes: int = 20_000_000
    max_pixels: int = 50_000_000
    upload_s: float = 30.0
    timeout_s: float = 60.0
    key_file: str | None = None
    without_key: bool = False

    @property
    def processes(self) -> int:
        """Number of worker processes."""
        return worker_count(self.workers)

    def check(self) -> None:
        """Check what can be checked before any work.

        Raises:
            InputError: a number is out of range, or others could use the service without a key.
        """
        names = ("port", "workers", "queue", "max_bytes", "max_pixels", "without_key")
        check_settings({name: getattr(self, name) for name in names})
        if worker_count(self.workers) < 1:
            raise InputError(f"workers={self.workers}: at least one process has to read; give 1 or more, or auto")
        for name in ("upload_s", "timeout_s"):
            seconds = getattr(self, name)
            if type(seconds) not in (int, float) or not 0 < seconds <= LONGEST_S:
                raise InputError(f"{name}={seconds}: must be above 0 and at most {LONGEST_S} seconds")
        if not (self.key_file or self.without_key or is_loopback(self.host)):
            raise InputError(
                f"host={self.host}: other machines could use the service without a key; give key_file=, or "
                "without_key=true where something else keeps them away"
            )

    def key(self) -> bytes | None:
        """The key, ``None`` if none is asked for.

        Raises:
            InputError: its file cannot be read, or the key is too short or no printable ASCII.
        """
        if self.key_file is None:
            return None
        try:
            key = Path(self.key_file).read_bytes().strip()
        except OSError as error:
            raise InputError(f"key_file={self.key_file}: cannot be read ({error.strerror}); check the path") from error
        if len(key) < SHORTEST_KEY or not all(0x21 <= byte <= 0x7E for byte in key):
            raise InputError(
                f"key_file={self.key_file}: the key must have at least {SHORTEST_KEY} printable ASCII characters and "
                "no blank; `openssl rand -hex 32` makes one"
            )
        return key
