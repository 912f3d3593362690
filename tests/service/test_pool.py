"""What of the pool a client cannot bring about: a failure on this side of a worker's pipe."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from ocr.pipeline.detector import DetectorSettings
from ocr.pipeline.read_settings import ReadSettings
from ocr.service import pool as pool_module
from ocr.service.pool import Pool
from ocr.service.settings import ServiceSettings
from ocr.service.worker import Job
from ocr.utils.path_utils import REPOSITORY_ROOT

WEIGHTS = REPOSITORY_ROOT / "weights"


async def here() -> bool:
    """The client has not gone."""
    return False


def test_a_request_that_cannot_be_sent_costs_no_worker(monkeypatch: pytest.MonkeyPatch, tiny_data: Path) -> None:
    """For lack of memory for one; nor does a failed start, of whatever kind, end the tries to replace one."""
    encoded = (tiny_data / "images" / "val" / "val_0.png").read_bytes()
    detection = DetectorSettings("onnxruntime", threads=1, long_side=320)
    settings = ReadSettings(str(WEIGHTS / "receipts.onnx"), str(WEIGHTS / "lines.onnx"), detection, extractor=False)
    pool = Pool(settings, ServiceSettings(workers=1))
    start, failures = pool._start, [MemoryError("planted")]

    def started() -> Any:
        if failures:
            raise failures.pop()
        return start()

    async def ask() -> None:
        async with pool.kept():
            with pytest.raises(AttributeError, match="pickle"):
                await pool.work(Job("read", "a.png", "json", lambda: None), here)  # type: ignore[arg-type]
            answer = await pool.work(Job("read", "a.png", "text", encoded), here)
        assert b"TOTAL" in answer.content.upper()

    monkeypatch.setattr(pool_module, "RESTART_S", 0.01)
    with pool.started():
        monkeypatch.setattr(pool, "_start", started)
        asyncio.run(ask())
    assert (pool.replaced, pool.busy, failures) == (1, 0, [])
