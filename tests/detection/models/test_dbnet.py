"""Encoder, decoder and head together: shapes, precision, what is refused. The presets: tests/gates/test_config.py."""

from functools import partial

import pytest
import torch
from torch import nn

from ocr.detection.models import FPN, FPNASF, DBHead, DBNet, TimmEncoder, UNet
from ocr.types import InputError

NAMES = ["probability_logits", "threshold", "binary"]


def small(decoder: type[nn.Module] = FPN, name: str = "mobilenetv3_small_050", **options: bool) -> DBNet:
    return DBNet(TimmEncoder(name), partial(decoder, channels=16), DBHead, **options).eval()


@pytest.mark.parametrize("decoder", [FPN, FPNASF, UNet])
@pytest.mark.parametrize("encoder", ["mobilenetv3_small_050", "resnet18"])
def test_every_encoder_and_decoder_gives_one_value_a_pixel(encoder: str, decoder: type[nn.Module]) -> None:
    images = torch.randint(0, 256, (2, 3, 64, 96), dtype=torch.uint8)
    maps = small(decoder, encoder)(images)
    assert list(maps) == NAMES
    for name, values in maps.items():
        assert values.shape == (2, 64, 96), name
        assert values.dtype == torch.float32
    for name in NAMES[1:]:
        assert 0 <= maps[name].min() <= maps[name].max() <= 1


def test_probability_alone_is_the_same_probability() -> None:
    images = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    network = small()
    with torch.inference_mode():
        alone = network(images, probability_only=True)
        assert list(alone) == NAMES[:1]
        assert torch.equal(alone[NAMES[0]], network(images)[NAMES[0]])


def test_memory_order_changes_no_figure() -> None:
    images = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    one, other = small(channels_last=True), small(channels_last=False)
    other.load_state_dict(one.state_dict())
    with torch.inference_mode():
        torch.testing.assert_close(one(images)["binary"], other(images)["binary"], atol=1e-4, rtol=1e-4)


def test_maps_are_float32_under_autocast() -> None:
    network = small()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        maps = network(torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8))
    assert {values.dtype for values in maps.values()} == {torch.float32}


def test_pixels_are_normalised_inside() -> None:
    """A grey of ImageNet's mean reaches the encoder as zero."""
    network = small()
    seen: list[torch.Tensor] = []
    network.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(torch.tensor([124, 116, 104], dtype=torch.uint8).view(1, 3, 1, 1).expand(1, 3, 32, 32))
    assert seen[0].abs().max() < 0.01


def test_every_parameter_learns() -> None:
    network = small(FPNASF).train()
    maps = network(torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8))
    (maps["probability_logits"].mean() + maps["threshold"].mean()).backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize(("height", "width"), [(64, 650), (650, 64), (16, 16)])
def test_a_size_between_two_multiples_of_the_stride_is_refused(height: int, width: int) -> None:
    named = rf"{width} x {height} pixels.*stride 32.*data\.crop\.size.*data\.transform\.multiple"
    with pytest.raises(InputError, match=named):
        small()(torch.zeros(1, 3, height, width, dtype=torch.uint8))


def test_the_stride_is_the_encoders() -> None:
    network = DBNet(TimmEncoder("mobilenetv3_small_050", strides=(4, 8, 16)), partial(FPN, channels=12), DBHead).eval()
    assert network(torch.zeros(1, 3, 48, 80, dtype=torch.uint8))["binary"].shape == (1, 48, 80)
