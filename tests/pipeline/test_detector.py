"""The detector as a program uses it."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from encoded_images import encoded, exif
from ocr import Detector
from ocr.pipeline import loading as module
from ocr.types import Detection, InputError
from ocr.utils.path_utils import REPOSITORY_ROOT

MISSING = "onnx and onnxruntime are not installed: `make setup-export` brings them"
UNWANTED = ("hydra", "omegaconf", "pytorch_lightning", "lightning", "lightning_fabric")


@pytest.fixture(scope="module")
def photo(tiny_data: Path) -> Path:
    return sorted((tiny_data / "images" / "val").iterdir())[0]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load(engine="torch", device="cpu", long_side=640)


def points(found: list[Detection]) -> np.ndarray:
    return np.array([region.points_N2 for region in found])


def test_an_image_is_the_same_in_every_form(detector: Detector, photo: Path) -> None:
    image_BGR = cv2.imread(str(photo))
    assert image_BGR is not None
    expected = detector.detect(photo)
    assert len(expected) >= 4
    with Image.open(photo) as opened:
        forms: list[Any] = [str(photo), photo.read_bytes(), image_BGR[..., ::-1], opened]
        for form in forms:
            np.testing.assert_array_equal(points(detector.detect(form)), points(expected))


def test_regions_are_in_pixels_of_the_upright_image(detector: Detector, photo: Path) -> None:
    with Image.open(photo) as upright:
        turned = upright.transpose(Image.Transpose.ROTATE_90)
        expected = detector.detect(upright)
        for found in (
            detector.detect(encoded(turned, "PNG", exif=exif(6))),
            detector.detect(Image.open(io.BytesIO(encoded(turned, "PNG", exif=exif(6))))),
        ):
            np.testing.assert_array_equal(points(found), points(expected))


def test_settings_of_the_postprocess_replace_those_of_the_file(photo: Path) -> None:
    assert Detector.load(engine="torch", device="cpu", long_side=640, box_thresh=1.0).detect(photo) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"box_tresh": 0.5}, "box_tresh: the postprocess 'db' has no such setting; it has mode, binary_thresh"),
        ({"threads": 0}, "threads=0: must be a whole number from 1 to 1024"),
        ({"engine": "onnx"}, "engine=onnx cannot run "),
        ({"engine": "onnxruntime", "device": "cuda"}, "device=cuda is for torch"),
        ({"path": "none.onnx", "engine": "torch"}, "engine=torch cannot run none.onnx"),
        ({"path": "none.safetensors"}, "none.safetensors: no such file"),
    ],
)
def test_what_cannot_be_meant_is_told(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Detector.load(**settings)


def test_the_engine_is_torch_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.default_weights("auto").suffix == ".safetensors"
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None if name == "timm" else name)
    assert module.default_weights("auto").suffix == ".onnx"
    assert module.default_weights("torch").suffix == ".safetensors"


@pytest.mark.parametrize("package", ["torch", "timm", "onnxruntime"])
def test_a_package_that_is_missing_is_told_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: str
) -> None:
    def missing(_: str) -> object:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)

    monkeypatch.setattr(module.importlib, "import_module", missing)
    with pytest.raises(InputError, match=rf"{package} is not installed: .*'\.\[(torch|export)\]'"):
        Detector.load(tmp_path)
    with pytest.raises(InputError, match=r"^rulez: no such file"):
        Detector.load("rulez")


@pytest.mark.parametrize("engine", ["torch", "onnxruntime"])
def test_nothing_that_only_training_needs_is_loaded(engine: str, photo: Path) -> None:
    if engine == "onnxruntime":
        pytest.importorskip("onnxruntime", reason=MISSING)
    unwanted = UNWANTED if engine == "torch" else (*UNWANTED, "torch")
    code = (
        "import sys, ocr\n"
        "assert not {'numpy', 'cv2', 'torch'} & sys.modules.keys(), 'import ocr loads nothing'\n"
        f"found = ocr.Detector.load(engine={engine!r}, device='cpu', long_side=640).detect({str(photo)!r})\n"
        f"print(len(found), *[name for name in {unwanted} if name in sys.modules])\n"
    )
    environment = {"PYTHONPATH": str(REPOSITORY_ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    count, *loaded = done.stdout.split()
    assert int(count) >= 4
    assert loaded == []


def test_a_name_that_the_package_does_not_have_is_an_error() -> None:
    import ocr

    with pytest.raises(AttributeError, match="module 'ocr' has no attribute 'Detektor'"):
        _ = ocr.Detektor
