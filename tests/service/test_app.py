"""What of the application a running service does not show: a fault of the program, many messages."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from ocr.pipeline.read_settings import ReadSettings
from ocr.service.app import LONGEST_HEADER, Service, listed
from ocr.service.pool import Pool
from ocr.service.settings import ServiceSettings
from ocr.service.worker import Fault
from ocr.types import InputError
from ocr.utils.addresses import is_loopback


def test_a_fault_is_answered_with_500_and_its_traceback_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fault(*_: object) -> object:
        return Fault("planted")

    pool = Pool(ReadSettings("a.onnx", "b.onnx"), ServiceSettings(workers=1))
    monkeypatch.setattr(pool, "_free", fault)
    monkeypatch.setattr(pool, "_outcome", fault)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/detect", "query_string": b"", "headers": [], "root_path": ""}
    with caplog.at_level(logging.INFO, "ocr.service"):
        asyncio.run(Service(pool, None).app()(scope, receive, send))
    start, body = sent
    assert start["status"] == 500
    content = json.loads(body["body"])
    assert "planted" not in content["detail"]
    (record,) = [record for record in caplog.records if record.name == "ocr.service"]
    facts = vars(record)["facts"]
    assert facts["request_id"] == content["request_id"]
    assert "RuntimeError: planted" in facts["trace"]


def test_a_header_has_as_many_messages_as_fit() -> None:
    assert json.loads(listed(["a\n\u00e9", "b"])) == ["a\n\u00e9", "b"]
    long = ["x" * 1500] * 5
    assert json.loads(listed(long)) == long[:2]
    assert len(listed(long)) <= LONGEST_HEADER
    assert listed(["x" * 5000]) == "[]"


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("127.3.2.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("10.0.0.1", False), ("localhost.example.com", False), ("", False)],
)  # fmt: skip
def test_what_is_a_loopback_address(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


def test_a_key_is_read_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"0123456789abcdef\r\n")
    assert ServiceSettings(key_file=str(tmp_path / "key")).key() == b"0123456789abcdef"
    assert ServiceSettings().key() is None


@pytest.mark.parametrize(
    ("name", "value"), [("without_key", "no"), ("without_key", 1), ("timeout_s", "abc"), ("upload_s", None)]
)
def test_a_setting_of_another_type_is_named_and_opens_nothing(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"{name}={value}: must be "):
        ServiceSettings(host="0.0.0.0", **{name: value}).check()
