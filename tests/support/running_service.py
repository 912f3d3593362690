"""A service that runs as a user runs it, and what a client sees of it."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S, wait_until

CLI = ("-c", "import sys; from ocr.cli.main import main; sys.exit(main())", "serve")
RUNNER = (str(REPOSITORY_ROOT / "runners" / "serve.py"),)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY_ROOT), "COLUMNS": "200"}


@dataclass(frozen=True)
class Reply:
    """A response."""

    status: int
    headers: Message
    content: bytes

    @property
    def detail(self) -> str:
        """What a refusal says."""
        return str(json.loads(self.content)["detail"])


@dataclass
class Running:
    """A service.

    Attributes:
        process: its main process.
        port: where it listens.
        log: the lines of its stderr so far.
    """

    process: subprocess.Popen[str]
    port: int
    log: list[str] = field(default_factory=list)

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """GET a path, or POST to it; ``_`` in a header's name stands for ``-``."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET" if body is None else "POST", path, body, given)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def begin_upload(self, length: int = 100) -> socket.socket:
        """A connection on which a request's headers and one of its body's bytes have been sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        connection.sendall(b"POST /read HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\nx" % length)
        return connection

    def figure(self, name: str) -> float:
        """The value of a metric."""
        (value,) = re.findall(rf"^receipt_ocr_{name} (\S+)$", self.ask("/metrics").content.decode(), re.MULTILINE)
        return float(value)

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        commands = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
        return [child for child, command in commands.items() if b"spawn_main" in command]

    def entries(self) -> list[dict[str, object]]:
        """The log's entries so far."""
        return [json.loads(line) for line in self.log if line.startswith("{")]


@contextmanager
def running(*options: object, program: tuple[str, ...] = CLI, cwd: Path = REPOSITORY_ROOT) -> Iterator[Running]:
    """A service on a free port, which is killed in the end if it still runs."""
    port = "port=0" if program == RUNNER else "--port=0"
    command = [sys.executable, *program, port, *map(str, options)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=cwd, env=ENVIRONMENT, text=True, **pipes) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        service = Running(process, 0)
        reader = threading.Thread(target=service.log.extend, args=(process.stderr,))
        reader.start()
        try:
            said = process.stdout.readline()
            if not said:
                reader.join()
                raise AssertionError("".join(service.log))
            service.port = int(re.findall(r"listening on http://[\d.]+:(\d+)", said)[0])
            yield service
        finally:
            process.kill()
            process.wait()
            reader.join()


@contextmanager
def asked(service: Running, body: bytes, count: int) -> Iterator[tuple[int, list[Reply]]]:
    """Requests at the same time, all of them admitted; after the block the list has their replies.

    The only worker, whose process id comes with them, is stopped, lest it answer before all are admitted: it has
    accepted the first of them, and not begun.
    """
    replies: list[Reply] = []
    (worker,) = service.workers()
    os.kill(worker, signal.SIGSTOP)
    threads = [threading.Thread(target=lambda: replies.append(service.ask("/read", body))) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: service.figure("pool_taken") == count and service.figure("pool_busy") == 1, every_s=0.05)
        yield worker, replies
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGCONT)  # other tests use the same service
        raise
    finally:
        for thread in threads:
            thread.join()
