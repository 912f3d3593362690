"""The service under load, friendly and hostile, and beside `runners/read.py` over the same files.

    python benchmarks/service.py [n=300] [hostile=0.1] [seed=0] [clients=4] [workers=2] [images=data/images/val]
                                 [files=40] [settle=500] [limit_mb=5]

1. `runners/read.py` in as many parts at a time as there are workers, one thread each, without its start-up: it reads
   ``files`` images and, in another run, one for each part; the difference counts.
2. The service answers the same files to ``clients`` clients at a time; where other programs run, the processor time
   of both says more than their rates. Each answer has to be the bytes that read.py writes for the file. Requests that
   get 429 are sent again when ``Retry-After`` says.
3. ``n`` requests in an order of ``seed``, a share of them hostile. Every status has to be right for its request, none
   is 500, no worker may end, and the memory of all processes (PSS) after the last request is compared with that after
   ``settle`` requests.
4. Uploads that do not end take all places; then requests one after the other have to get 429 within 50 ms. Where other
   programs run, most of that is waiting for a processor, on either side; what the service itself needs is stated too.
5. SIGTERM while requests are under way: each that was admitted is answered, the exit status is 143.

It prints a table and what is wrong, and ends with 1 if something is.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote
from urllib.request import urlopen

import numpy as np
import numpy.typing as npt
from rich.table import Table

from benchmarks.hostile_requests import HOSTILE, Address, post
from benchmarks.options import parsed, run, table_console, whole
from ocr.formats.common.writing import json_bytes
from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT

OPTIONS = {
    "n": "300", "hostile": "0.1", "seed": "0", "clients": "4", "workers": "2", "images": "data/images/val",
    "files": "40", "settle": "500", "limit_mb": "5",
}  # fmt: skip
QUEUE, UPLOAD_S = 8, 3
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class Findings:
    """The rows of the table, and what is wrong."""

    rows: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, what: str, value: object, *, right: bool = True) -> None:
        """Add a row."""
        self.rows.append((what, str(value)))
        if not right:
            self.wrong.append(f"{what}: {value}")


@contextlib.contextmanager
def service(workers: int, limit_mb: int, log: Path) -> Iterator[tuple[subprocess.Popen[str], Address]]:
    """A service that runs."""
    limits = (f"workers={workers}", f"queue={QUEUE}", f"upload_s={UPLOAD_S}", f"max_bytes={limit_mb * 1_000_000}")
    command = [sys.executable, str(REPOSITORY_ROOT / "runners" / "serve.py"), "port=0", *limits]
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, cwd=REPOSITORY_ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        try:
            said = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://([\d.]+):(\d+)", said)
            if found is None:
                raise InputError(f"the service does not start: {log.read_text()[-2000:]}")
            yield process, (found[1], int(found[2]))
        finally:
            process.kill()


def read_in_parts(files: Sequence[Path], workers: int, folder: Path) -> tuple[float, float, dict[str, object]]:
    """Wall and processor seconds of read.py over files, in parts at a time, and the entries that it writes."""
    folder.mkdir()
    for file in files:
        (folder / file.name).symlink_to(file.resolve())
    weights = REPOSITORY_ROOT / "weights"
    command = [
        sys.executable, str(REPOSITORY_ROOT / "runners" / "read.py"), f"input={folder}/*", f"output={folder}-read",
        f"detector={weights / 'receipts.onnx'}", f"recogniser={weights / 'lines.onnx'}", "threads=1", "formats=[json]",
    ]  # fmt: skip
    started, before = time.monotonic(), os.times()
    parts = [
        subprocess.Popen([*command, f"shard={number}/{workers}"], stdout=subprocess.DEVNULL)
        for number in range(1, workers + 1)
    ]
    if sum(part.wait() for part in parts):
        raise InputError(f"{folder}: read.py cannot read all of it; choose other images=")
    seconds, after = time.monotonic() - started, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    written = [json.loads(path.read_bytes())["images"] for path in Path(f"{folder}-read").glob("predictions-*.json")]
    return seconds, spent, {name: entry for part in written for name, entry in part.items()}


def at_once(clients: int, do: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Results in order, of as many threads as there are clients."""
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(do, items))


def read_one(address: Address, file: Path, refused: Counter[int]) -> tuple[int, bytes, float]:
    """Status, answer and seconds of the last try for a file, which is sent again while the queue is full."""
    while True:
        started = time.monotonic()
        status, headers, content = post(address, file.read_bytes(), f"/read?name={quote(file.name)}")
        if status != 429:
            return status, content, time.monotonic() - started
        refused[status] += 1
        time.sleep(int(headers["Retry-After"]))


def about_all(pid: int, file: str) -> list[str]:
    """What /proc says in a file of a process and of its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [Path(f"/proc/{each}/{file}").read_text(encoding="ascii") for each in (pid, *children)]


def processor_seconds(pid: int) -> float:
    """The processor time that a process and its children have used."""
    ticks = (each.rpartition(")")[2].split()[11:13] for each in about_all(pid, "stat"))
    return sum(int(user) + int(system) for user, system in ticks) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """The memory of a process and its children, what they share counted once (PSS)."""
    rolled = about_all(pid, "smaps_rollup")
    return sum(int(re.findall(r"^Pss: +(\d+) kB$", each, re.MULTILINE)[0]) for each in rolled) / 1000


def figure(address: Address, name: str) -> float:
    """The value of a metric."""
    with urlopen(f"http://{address[0]}:{address[1]}/metrics") as response:
        (value,) = re.findall(rf"^receipt_ocr_{name} (\S+)$", response.read().decode(), re.MULTILINE)
    return float(value)


def milliseconds(seconds: Sequence[float]) -> str:
    """The median and the 99th percentile."""
    return "{:.0f}, {:.0f} ms".format(*np.percentile(1000 * np.array(seconds), (50, 99)))


def throughput(
    address: Address, files: Sequence[Path], given: dict[str, str], pid: int, folder: Path, findings: Findings
) -> None:
    """Compare with read.py."""
    clients, workers = (whole(name, given[name]) for name in ("clients", "workers"))
    few, few_spent, _ = read_in_parts(files[:workers], workers, folder / "few")
    every, every_spent, entries = read_in_parts(files, workers, folder / "every")
    more = len(files) - workers
    theirs, their_cost = more / (every - few), (every_spent - few_spent) / more
    refused: Counter[int] = Counter()
    at_once(clients, lambda file: read_one(address, file, refused), files[: 2 * workers])  # warms up
    started, before = time.monotonic(), processor_seconds(pid)
    answers = at_once(clients, lambda file: read_one(address, file, refused), files)
    ours = len(files) / (time.monotonic() - started)
    our_cost = (processor_seconds(pid) - before) / len(files)
    expected = [json_bytes({"images": {file.name: entries[file.name]}}) for file in files]
    other = [right for (_, content, _), right in zip(answers, expected, strict=True) if content != right]
    findings.add("answers that are not read.py's bytes", f"{len(other)} of {len(files)}", right=not other)
    findings.add("files a second: read.py, service", f"{theirs:.2f}, {ours:.2f}: {ours / theirs:.2f} times")
    cost = f"{their_cost:.2f}, {our_cost:.2f}: {our_cost / their_cost:.2f} times"
    findings.add("processor seconds a file: likewise", cost)
    findings.add("p50, p99 of these requests", milliseconds([seconds for *_, seconds in answers]))


def mixed(address: Address, files: Sequence[Path], given: dict[str, str], pid: int, findings: Findings) -> None:
    """Send friendly and hostile requests in a random order."""
    count, clients, settle = (whole(name, given[name]) for name in ("n", "clients", "settle"))
    rng = random.Random(int(given["seed"]))
    jobs: list[tuple[str | None, Path, int]] = []
    kinds: list[str] = []
    for number in range(count):
        kinds = kinds or rng.sample(sorted(HOSTILE), len(HOSTILE))  # each as often as the others
        name = kinds.pop() if rng.random() < float(given["hostile"]) else None
        jobs.append((name, files[number % len(files)], rng.getrandbits(32)))
    refused: Counter[int] = Counter()
    wrong: Counter[str] = Counter()

    def do(job: tuple[str | None, Path, int]) -> float | None:
        name, file, seed = job
        if name is None:
            status, _, seconds = read_one(address, file, refused)
            if status != 200:
                wrong[f"friendly: {status}"] += 1
            return seconds
        send, right = HOSTILE[name]
        while (status := send(address, file.read_bytes(), random.Random(seed))) == 429:
            refused[status] += 1
            time.sleep(1)
        if status not in right:
            wrong[f"{name}: {status}"] += 1
        return None

    first = min(settle, count // 2)
    seconds = at_once(clients, do, jobs[:first])
    settled = memory_mb(pid)
    seconds += at_once(clients, do, jobs[first:])
    ended = memory_mb(pid)
    hostile = Counter(name for name, *_ in jobs if name)
    findings.add("requests, hostile ones, kinds of these", f"{count}, {hostile.total()}, {len(hostile)}")
    findings.add("answers of a wrong status", dict(wrong) or "none", right=not wrong)
    findings.add("429, sent again", refused.total())
    replaced = int(figure(address, "pool_replaced"))
    findings.add("workers that ended", replaced, right=not replaced)
    friendly = [each for each in seconds if each is not None]
    findings.add("p50, p99 of the friendly ones", milliseconds(friendly))
    change = f"{settled:.0f}, {ended:.0f} MB ({100 * (ended / settled - 1):+.1f} %)"
    findings.add(f"memory after {first} and after all", change, right=ended <= 1.05 * settled)


def scheduled_ms(pid: int) -> npt.NDArray[np.float64]:
    """Milliseconds that a process's main thread has run, and has waited for a processor."""
    used_ns, waited_ns, _ = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
    return np.array([int(used_ns), int(waited_ns)], np.float64) / 1e6


def full_queue(address: Address, workers: int, pid: int, findings: Findings) -> None:
    """Time the answers of a service that has no place."""
    head = b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"
    with contextlib.ExitStack() as stack:
        for _ in range(workers + QUEUE):
            stack.enter_context(socket.create_connection(address)).sendall(head)
        while figure(address, "pool_taken") < workers + QUEUE:
            time.sleep(0.01)
        spent, statuses, before = [], Counter[int](), scheduled_ms(pid)
        until = time.monotonic() + UPLOAD_S / 2  # then the uploads end
        while time.monotonic() < until:
            started = time.monotonic()
            statuses[post(address, bytes(1_000_000))[0]] += 1
            spent.append(time.monotonic() - started)
        used, waited = (scheduled_ms(pid) - before) / len(spent)
    findings.add("answers of a full queue", dict(statuses), right=set(statuses) == {429})
    slowest = f"{milliseconds(spent)}; {1000 * max(spent):.0f} ms"
    findings.add("p50, p99 of these; the slowest", slowest, right=max(spent) < 0.05)
    findings.add("in it the service ran, and waited for a processor", f"{used:.1f}, {waited:.1f} ms")


def stopped(process: subprocess.Popen[str], address: Address, file: Path, workers: int, findings: Findings) -> None:
    """Stop a service that has as many requests as it admits."""
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(post(address, file.read_bytes())[0]))
        for _ in range(workers + QUEUE)
    ]
    while figure(address, "pool_taken"):
        time.sleep(0.01)
    for thread in threads:
        thread.start()
    while figure(address, "pool_taken") < workers + QUEUE and not statuses:
        time.sleep(0.001)
    admitted = int(figure(address, "pool_taken")) + len(statuses)
    process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    status = process.wait()
    answered = statuses.count(200)
    findings.add("admitted before SIGTERM, answered", f"{admitted}, {answered}", right=answered >= admitted)
    findings.add("exit status", status, right=status == 128 + signal.SIGTERM)


def main(arguments: Sequence[str]) -> None:
    """Measure and print.

    Raises:
        InputError: an option is invalid, or the service does not start.
        SystemExit: something is wrong.
    """
    given = parsed(arguments, OPTIONS, {"images"})
    workers, count = (whole(name, given[name]) for name in ("workers", "files"))
    files = sorted(path for path in Path(given["images"]).iterdir() if path.suffix in {".jpg", ".png"})[:count]
    if len(files) <= workers:
        raise InputError(f"images={given['images']}: has {len(files)} images, more than workers={workers} are needed")
    findings = Findings()
    with tempfile.TemporaryDirectory() as name:
        log = Path(name, "log")
        with service(workers, whole("limit_mb", given["limit_mb"]), log) as (process, address):
            throughput(address, files, given, process.pid, Path(name), findings)
            mixed(address, files, given, process.pid, findings)
            full_queue(address, workers, process.pid, findings)
            stopped(process, address, files[0], workers, findings)
        faults = log.read_text(encoding="utf-8").count('"trace"')
        findings.add("faults in the log", faults, right=not faults)
    table = Table("what", "value")
    for row in findings.rows:
        table.add_row(*row)
    table_console().print(table)
    if findings.wrong:
        raise SystemExit("\n".join(findings.wrong))


if __name__ == "__main__":
    run(main)
