"""What could not be loaded again is not written."""

from pathlib import Path
from typing import Any

import pytest

from ocr.pipeline.export import Export, export
from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"postprocess": {"box_thresh": 7}}, "box_thresh is 7"),
        ({"long_side": 20_000}, "long_side is 20000; it must be a whole number from 1 to 8192"),
    ],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    weights = str(REPOSITORY_ROOT / "weights" / "receipts.safetensors")
    with pytest.raises(InputError, match=message):
        export(Export(weights, str(tmp_path / "a.safetensors"), "safetensors", **settings))
    assert list(tmp_path.iterdir()) == []
