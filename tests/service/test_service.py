"""The service as its clients and operators see it: a process of its own, on loopback."""

import http.client
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from PIL import Image

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from benchmarks.hostile_requests import HOSTILE, claimed
from ocr.cli import main as main_module
from ocr.cli.parser import make_parser
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S, wait_until
from running_service import CLI, ENVIRONMENT, RUNNER, Running, asked, running

SMALL = ("--workers", 1, "--long-side", 320)
KEY = "0123456789abcdef-key"
NETWORKS = {"detector": "receipts", "recogniser": "lines"}


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    limits = ("--max-bytes", 2_000_000, "--max-pages", 3, "--max-pixels", 500_000, "--upload-s", 2, "--queue", 2)
    with running(*SMALL, *limits) as service:
        yield service


@pytest.fixture(scope="module")
def receipt(tiny_data: Path) -> Path:
    return tiny_data / "images" / "val" / "val_0.png"


def tiff(path: Path, *sizes: tuple[int, int]) -> bytes:
    """A receipt, and white pages of the sizes, compressed."""
    with Image.open(path) as image:
        file, more = io.BytesIO(), [Image.new("1", size, 1) for size in sizes]
        image.convert("RGB").save(file, "TIFF", save_all=True, append_images=more, compression="tiff_deflate")
    return file.getvalue()


def command(*typed: object, cwd: Path) -> None:
    """``receipt-ocr`` as the service runs it."""
    how = ("--engine", "onnxruntime", "--long-side", "320", "--threads", "1")
    program = [sys.executable, *CLI[:2], *map(str, typed), *how]
    done = subprocess.run(program, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "left out" in done.stderr, done.stderr


def test_answers_are_the_bytes_that_read_and_detect_write(service: Running, receipt: Path, tmp_path: Path) -> None:
    """Of an image, and of a document with a page that is too large."""
    (tmp_path / "two.tif").write_bytes(tiff(receipt, (900, 200), (20_000, 15_000)))
    (tmp_path / "one.png").write_bytes(receipt.read_bytes())
    for name in ("one.png", "two.tif"):
        stem = name.partition(".")[0]
        command("read", name, "-o", stem, "--formats", "json", "text", "hocr", "alto", "pdf", cwd=tmp_path)
        body = (tmp_path / name).read_bytes()
        for kind, file in (
            ("json", "predictions.json"), ("text", f"text/{stem}.txt"), ("hocr", f"hocr/{stem}.hocr"),
            ("alto", f"alto/{stem}.alto.xml"), ("pdf", f"pdf/{stem}.pdf"),
        ):  # fmt: skip
            reply = service.ask(f"/read?name={name}&format={kind}", body)
            assert reply.status == 200, reply.content
            assert reply.content == (tmp_path / stem / file).read_bytes()
            if name == "two.tif":
                (left_out,) = json.loads(reply.headers["X-Left-Out"])
                assert left_out.startswith("two.tif, page 3 of 3: the image has 20000 x 15000 pixels")
            else:
                assert "X-Left-Out" not in reply.headers
    command("detect", "one.png", "-o", "found", cwd=tmp_path)
    reply = service.ask("/detect?name=one.png", receipt.read_bytes())
    assert reply.content == (tmp_path / "found" / "predictions.json").read_bytes()


def test_the_extractor_is_chosen_as_for_read_py(service: Running, receipt: Path, tmp_path: Path) -> None:
    """`service` finds facts with the shipped network."""
    sizes = ("data.long_side=320", "threads=1", "engine=onnxruntime")
    networks = [f"{task}={REPOSITORY_ROOT / 'weights' / name}.onnx" for task, name in NETWORKS.items()]
    program = [sys.executable, str(REPOSITORY_ROOT / "runners" / "read.py"), f"input={receipt}", "output=read"]
    subprocess.run(
        [*program, "extractor=rules", "formats=[json]", *networks, *sizes], cwd=tmp_path, env=ENVIRONMENT, check=True
    )
    written, body = (tmp_path / "read" / "predictions.json").read_bytes(), receipt.read_bytes()
    assert b'"fields"' in written
    with running("workers=1", "extractor=rules", *networks, *sizes, program=RUNNER) as by_rules:
        assert by_rules.ask(f"/read?name={receipt.name}", body).content == written
    assert service.ask(f"/read?name={receipt.name}", body).content != written


def test_accept_chooses_the_format(service: Running, receipt: Path) -> None:
    reply = service.ask("/read", receipt.read_bytes(), Accept="text/plain")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "TOTAL" in reply.content.decode().upper()
    assert service.ask("/read", receipt.read_bytes(), Accept="application/pdf").content.startswith(b"%PDF-")
    refused = service.ask("/read", receipt.read_bytes(), Accept="image/png")
    assert refused.status == 406
    assert "give format=" in refused.detail


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "detail"),
    [
        ("/read", b"", {}, 400, "the body is empty"),
        ("/read?formats=pdf", b"x", {}, 400, "formats: unknown option; known options: name, format"),
        ("/read?format=docx", b"x", {}, 400, "format=docx: must be 'json', 'text', 'hocr', 'alto' or 'pdf'"),
        ("/read?name=", b"x", {}, 400, "name: has 0 characters; give at least 1"),
        ("/read?name=a%0Ab", b"x", {}, 422, "a control character"),
        ("/read", bytes(2_000_001), {}, 413, "larger than max_bytes=2000000"),
        ("/read", b"--x", {"Content_Type": "multipart/form-data; boundary=x"}, 415, "send the file itself"),
        ("/read", b"hello", {}, 422, "image: is not an image"),
        ("/read", b"%PDF-1.7 hello", {}, 422, "image: is a damaged PDF"),
        ("/detect?name=a.pdf", b"%PDF-1.7 hello", {}, 422, "a.pdf: is a PDF"),
        ("/detect?format=pdf", b"x", {}, 400, "format: unknown option; known options: name"),
        ("/missing", b"x", {}, 404, "known addresses: /detect, /docs, /healthz, /metrics, /read, /readyz"),
        ("/healthz", b"x", {}, 405, "POST is not allowed here; use GET"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_why(
    service: Running, path: str, body: bytes, headers: dict[str, str], status: int, detail: str
) -> None:
    reply = service.ask(path, body, **headers)
    assert reply.status == status
    assert detail in reply.detail
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert json.loads(reply.content)["request_id"] == reply.headers["X-Request-ID"]


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_request_gets_its_status_and_harms_nothing(service: Running, receipt: Path, kind: str) -> None:
    replaced = service.figure("pool_replaced")
    send, right = HOSTILE[kind]
    assert send(("127.0.0.1", service.port), receipt.read_bytes(), random.Random(0)) in right
    assert service.figure("pool_replaced") == replaced
    assert service.ask("/detect", receipt.read_bytes()).status == 200


def test_bombs_and_long_documents_are_refused_before_they_are_decoded(service: Running, receipt: Path) -> None:
    assert "60000 x 60000 pixels, more than" in service.ask("/read", claimed()).detail
    many = service.ask("/read?name=a.tif", tiff(receipt, *[(9, 9)] * 3))
    assert many.status == 422
    assert many.detail == "a.tif: has 4 pages, more than max_pages=3; split it or allow more"


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(service: Running) -> None:
    chunks = (bytes(100_000) for _ in range(21))
    client = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE_S)
    client.request("POST", "/read", chunks, encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    assert client.getresponse().status == 413
    client.close()


def test_a_slow_upload_ends_with_408_and_its_connection(service: Running) -> None:
    with service.begin_upload() as connection:
        said = connection.makefile("rb").read()  # until it is closed
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive within upload_s=2 s" in said


def test_a_full_queue_answers_429_before_the_body_is_sent(service: Running, receipt: Path) -> None:
    """Uploads that are not finished take the places: one for the worker, two that may wait."""
    uploads = [service.begin_upload() for _ in range(3)]
    wait_until(lambda: service.figure("pool_taken") == 3)
    with service.begin_upload() as connection:
        said = connection.recv(10_000)
    assert said.startswith(b"HTTP/1.1 429 ")
    assert re.search(rb"\r\nretry-after: [1-9]\d*\r\n", said)
    for upload in uploads:
        upload.close()
    wait_until(lambda: service.figure("pool_taken") == 0)
    assert service.ask("/read", receipt.read_bytes()).status == 200


def test_a_killed_worker_costs_its_request_alone_and_is_replaced(service: Running, receipt: Path) -> None:
    with Image.open(receipt) as image:
        size = image.size
    for _ in range(5):  # on a busy machine the worker may be between two files by the time that it is killed
        with asked(service, tiff(receipt, *[size] * 2), 3) as (worker, replies):
            before = nanoseconds(worker)
            os.kill(worker, signal.SIGCONT)
            # More than it takes to receive a file, and less than to read one: it is in the middle of one of the three.
            wait_until(lambda known=(worker, before): nanoseconds(known[0]) > known[1] + 50e6, every_s=0.002)
            os.kill(worker, signal.SIGKILL)
        if any(reply.status != 200 for reply in replies):
            break
    assert sorted(reply.status for reply in replies) == [200, 200, 503]
    (lost,) = [reply for reply in replies if reply.status == 503]
    assert lost.headers["Retry-After"] == "1"
    assert "ended unexpectedly" in lost.detail


def nanoseconds(process: int) -> int:
    """The processor time that a process's main thread has used."""
    return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[0])


def test_a_worker_that_dies_while_it_has_nothing_to_do_costs_no_request(service: Running, receipt: Path) -> None:
    """Not even one that is given to it before its death is noticed."""
    replaced = service.figure("pool_replaced")
    with asked(service, receipt.read_bytes(), 3) as (worker, replies):
        os.kill(worker, signal.SIGKILL)  # as one that is dying: it accepted what was sent to it, and did not begin
    assert [reply.status for reply in replies] == [200] * 3
    assert service.figure("pool_replaced") == replaced + 1
    last = [entry["status"] for entry in service.entries() if entry["event"] == "worker ended"][-1]
    assert last == -signal.SIGKILL


def test_the_log_names_requests_and_nothing_of_what_they_hold(service: Running, receipt: Path) -> None:
    given = service.ask("/read?name=secret-name.png", receipt.read_bytes(), X_Request_ID="mine-1")
    assert given.headers["X-Request-ID"] == "mine-1"
    forged = service.ask("/healthz", X_Request_ID='a" b')
    assert re.fullmatch("[0-9a-f]{32}", forged.headers["X-Request-ID"])
    wait_until(lambda: any(entry.get("request_id") == "mine-1" for entry in service.entries()))
    (entry,) = [entry for entry in service.entries() if entry.get("request_id") == "mine-1"]
    assert entry | {"time": "", "seconds": 0} == {
        **{"time": "", "level": "info", "event": "request", "request_id": "mine-1", "method": "POST", "path": "/read"},
        **{"status": 200, "seconds": 0, "format": "json", "bytes": receipt.stat().st_size, "pages": 1, "left_out": 0},
    }
    assert not re.search("secret-name|total", "".join(service.log), re.IGNORECASE)


def test_operators_see_that_it_is_well(service: Running) -> None:
    assert service.ask("/healthz").content == b"ok\n"
    assert service.ask("/readyz").content == b"ready\n"
    assert service.ask("/read", b"no image").status == 422
    figures = service.ask("/metrics")
    assert figures.headers["Content-Type"].startswith("text/plain; version=")
    assert b"receipt_ocr_request_seconds_bucket" in figures.content
    assert b'receipt_ocr_requests_total{path="/read",status="422"}' in figures.content


def test_the_page_about_it_needs_no_other_server(service: Running) -> None:
    page = service.ask("/docs").content.decode()
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(sources) == 3
    assert all(service.ask(source).status == 200 for source in sources)
    described = json.loads(service.ask("/openapi.json").content)
    assert set(described["paths"]) == {"/read", "/detect", "/metrics", "/healthz", "/readyz"}
    assert described["paths"]["/read"]["post"]["summary"] == "Find and read the text of an image or document"
    content = described["paths"]["/read"]["post"]["responses"]["200"]["content"]
    assert {"application/json", "application/pdf", "text/plain; charset=utf-8"} <= set(content)


def test_what_is_admitted_is_answered_after_sigterm(receipt: Path) -> None:
    with running(*SMALL, "--queue", 4) as service:
        with asked(service, receipt.read_bytes(), 5) as (worker, replies):
            service.process.terminate()
            wait_until(lambda: refuses(service))
            os.kill(worker, signal.SIGCONT)
        assert [reply.status for reply in replies] == [200] * 5
        assert service.process.wait(PATIENCE_S) == 143
        assert (
            "stopped by SIGTERM: every admitted request is answered; start again with: receipt-ocr serve"
            in (service.log[-1])
        )


def test_a_second_interrupt_cuts_off_what_is_being_read(receipt: Path) -> None:
    with running(*SMALL) as service:
        (worker,) = service.workers()
        os.kill(worker, signal.SIGSTOP)
        client = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE_S)
        client.request("POST", "/read", receipt.read_bytes())
        wait_until(lambda: service.figure("pool_busy") == 1, every_s=0.05)
        service.process.send_signal(signal.SIGINT)
        wait_until(lambda: refuses(service))
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(PATIENCE_S) == 130
        assert "stopped by SIGINT: 1 admitted request cut off" in service.log[-1]
        client.close()


def refuses(service: Running) -> bool:
    """Whether it accepts no connection any more."""
    try:
        service.ask("/healthz")
    except OSError:
        return True
    return False


def test_the_runner_kills_what_takes_too_long_and_asks_for_the_key(receipt: Path, tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text(f"{KEY}\n", encoding="utf-8")
    options = ("workers=1", "data.long_side=320", "timeout_s=1", f"key_file={tmp_path / 'key.txt'}", "host=0.0.0.0")
    with running(*options, program=RUNNER) as service:
        body = receipt.read_bytes()
        for given in ("", f"Bearer {KEY}x", KEY, f"Basic {KEY}", "Bearer \xfc"):
            refused = service.ask("/read", body, Authorization=given)
            assert refused.status == 401
            assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert service.ask("/metrics").status == 401
        assert service.ask("/healthz").status == service.ask("/docs").status == 200
        (worker,) = service.workers()
        os.kill(worker, signal.SIGSTOP)
        late = service.ask("/read", body, Authorization=f"Bearer {KEY}")
        assert late.status == 504
        assert "longer than timeout_s=1 s" in late.detail
        wait_until(lambda: service.ask("/readyz").status == 200)
        assert service.workers() != [worker]
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(PATIENCE_S) == 130
        assert KEY not in "".join(service.log)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--host", "0.0.0.0"), "--host 0.0.0.0: other machines could use the service without a key; give --key-file"),
        (("--workers", 0), "--workers 0: at least one process has to read"),
        (("--port", 65_536), "--port 65536: must be a whole number from 0 to 65535"),
        (("--timeout-s", "nan"), "--timeout-s nan: must be above 0"),
        (("--key-file", "none.txt"), "none.txt: cannot be read (No such file or directory)"),
        (("--key-file", "short.txt"), "the key must have at least 16 printable ASCII characters"),
        (("--host", "203.0.113.7", "--without-key"), "cannot be listened on (Cannot assign requested address"),
        (("--detector", "none.onnx", "--workers", 1), "none.onnx: no such file"),
        (("--extractor", "facts.onnx", "--workers", 1), "facts.onnx: no such file"),
    ],
)
def test_what_is_wrong_ends_with_its_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[object, ...], message: str
) -> None:
    (tmp_path / "short.txt").write_text("short", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(main_module, "raise_signals", lambda: None)
    monkeypatch.setattr(sys, "argv", ["receipt-ocr", "serve", "--port", "0", *map(str, options)])
    assert message in str(main_module.main())


def test_the_command_has_the_defaults_of_the_runner() -> None:
    typed = vars(make_parser().parse_args(["serve"]))
    runner = yaml.safe_load((REPOSITORY_ROOT / "configs" / "serve.yaml").read_text(encoding="utf-8"))
    runner |= runner.pop("data")
    names = runner.keys() - {"defaults", "hydra", "detector", "recogniser", "engine"}
    assert {name: typed[name] for name in names} == {name: runner[name] for name in names}
