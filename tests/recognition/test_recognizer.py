"""The network: a line is read alike wherever it stands in a batch, and all of it learns."""

from typing import Any

import pytest
import torch
from torch.nn import functional

from ocr.recognition.losses.ctc import CTCLoss
from ocr.recognition.models import Recognizer
from ocr.types import InputError

CHARACTERS = " ab1"


@pytest.fixture
def network() -> Recognizer:
    torch.manual_seed(0)
    made = Recognizer(characters=CHARACTERS, channels=(4, 8, 12), depth=2, width=24, blocks=2, heads=3)
    for _ in range(3):  # running statistics that are not those of a new layer
        made(line(96, seed=9))
    return made.eval()


def line(width: int, seed: int = 0) -> torch.Tensor:
    """A picture of a line (1, 3, 32, W) in which no column is zero."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(1, 256, (1, 3, 32, width), dtype=torch.uint8, generator=generator)


@pytest.mark.parametrize("width", [8, 15, 32, 50, 97, 160])
def test_a_lines_scores_depend_on_nothing_beside_it(network: Recognizer, width: int) -> None:
    with torch.no_grad():
        alone = network(functional.pad(line(width), (0, -width % 8)))
        wide = 224
        beside = torch.cat(
            [functional.pad(line(size, seed), (0, wide - size)) for size, seed in ((width, 0), (wide, 1))]
        )
        together = network(beside)
    steps = int(alone["steps"][0])
    assert steps == together["steps"][0] == -(-width // 4)
    assert together["steps"][1] == wide // 4
    torch.testing.assert_close(together["logits"][0, :steps], alone["logits"][0, :steps], atol=1e-5, rtol=0.0)


def test_the_shapes_are_those_of_the_docstring(network: Recognizer) -> None:
    output = network(line(64))
    assert output["logits"].shape == (1, 64 // network.stride, len(CHARACTERS) + 1)
    assert output["logits"].dtype == torch.float32
    assert output["steps"].dtype == torch.int64


def test_black_columns_inside_a_line_belong_to_it(network: Recognizer) -> None:
    image_BCHW = line(64)
    image_BCHW[..., 16:40] = 0
    assert network(image_BCHW)["steps"].tolist() == [16]


def test_a_line_brighter_or_weaker_reads_alike(network: Recognizer) -> None:
    """Light and contrast are taken out of each line by itself."""
    image_BCHW = line(64) // 4 + 60
    with torch.no_grad():
        first, second = network(image_BCHW)["logits"], network(image_BCHW * 2)["logits"]
    assert (first - second).abs().max() < 0.1 * first.abs().max()


def test_every_weight_learns() -> None:
    torch.manual_seed(0)
    network = Recognizer(characters=CHARACTERS, channels=(4, 8, 12), depth=1, width=24, blocks=2, heads=3)
    images_BCHW = torch.cat([functional.pad(line(size, size), (0, 64 - size)) for size in (64, 40)])
    codes = torch.tensor([[2, 3, 1, 4], [3, 3, 0, 0]])
    targets = {"codes": codes, "lengths": torch.tensor([4, 2]), "case_known": torch.tensor([True, False])}
    CTCLoss(CHARACTERS)(network(images_BCHW), targets)[0].backward()
    without = [name for name, each in network.named_parameters() if each.grad is None or not each.grad.any()]
    assert without == []


@pytest.mark.parametrize(
    "settings", [{"height": 36}, {"width": 24, "heads": 5}, {"channels": (8, 8)}], ids=["height", "heads", "channels"]
)
def test_sizes_that_do_not_fit_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"height=\d+ must be a multiple of 8, width=\d+ one of heads=\d+"):
        Recognizer(characters=CHARACTERS, **settings)


def test_lines_of_another_height_are_named(network: Recognizer) -> None:
    with pytest.raises(InputError, match=r"48 pixels high, the network needs 32: .*data\.transform\.height"):
        network(torch.zeros(1, 3, 48, 64, dtype=torch.uint8))
